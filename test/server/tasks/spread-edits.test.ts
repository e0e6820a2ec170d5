/** The offset of a spread: stable, and on changes of it no nominal slot comes twice and none is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newTaskId } from '../../../server/store/ids.ts';
import { createSegmentSource } from '../../../server/tasks/segment-source.ts';
import { spreadOffset } from '../../../server/tasks/spread.ts';
import * as changes from '../../../server/tasks/task-changes.ts';
import type { Schedule, TaskDefinition } from '../../../shared/task.ts';
import { type PaperTask, paperTask } from '../../helpers/paper-task.ts';

const HOUR = 3_600_000;
const T = Date.UTC(2026, 10, 23, 8);
const definition = (schedule: Schedule): TaskDefinition => ({
  name: 't',
  schedule,
  action: { kind: 'handler', name: 'noop' },
  policy: {},
  requires: null,
  visibleTo: null,
});

test('offsets are stable, spread evenly, whole ms below the length, and keep their share when it changes', () => {
  const ids = Array.from({ length: 4_000 }, (_, n) => newTaskId('owner', `${n}`));
  const tenths = new Array<number>(10).fill(0);
  for (const id of ids) {
    const offset = spreadOffset(id, 60_000);
    assert.ok(Number.isInteger(offset) && offset >= 0 && offset < 60_000);
    assert.equal(offset, spreadOffset(id, 60_000));
    assert.ok(Math.abs(spreadOffset(id, 600_000) / 10 - offset) <= 1);
    assert.equal(spreadOffset(id, 1), 0);
    assert.equal(spreadOffset(id, 0), 0);
    tenths[Math.floor(offset / 6_000)]! += 1;
  }
  assert.ok(
    tenths.every((count) => count > 300 && count < 500),
    tenths.join(),
  );
});

/** Nominal slots in the order in which they were fired; each pass decides all that is owed. */
function drive(paper: PaperTask, nominal: number[], now: number): void {
  if (paper.record.state !== 'active') return;
  const source = createSegmentSource(paper.record.segment);
  const { spreadMs } = paper.record.segment;
  for (let at = source.next(paper.record.cursorAt); at !== null && at <= now; at = source.next(at)) {
    nominal.push(at - spreadMs);
    paper.fire({
      decisions: [{ kind: 'fire', plannedAt: at, nominalAt: at - spreadMs, day: '20261123' }],
      nextCursorAt: at,
      nextAt: source.next(at),
      episode: null,
      ends: source.next(at) === null,
    });
  }
}

test('whatever becomes of the spread, each nominal slot while the task was active is fired once and in order', () => {
  let edits = 0;
  const steps = fc.array(
    fc.record({
      aheadMs: fc.oneof(fc.integer({ min: 0, max: 2 * HOUR }), fc.integer({ min: 0, max: 600_000 })),
      spreadMs: fc.constantFrom(0, 1_000, 900_000, 1_800_000, HOUR - 1),
      what: fc.constantFrom('pass', 'edit', 'edit', 'pause', 'resume'),
    }),
    { minLength: 3, maxLength: 25 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), steps, (seed, paused, commands) => {
      const hourly = (spreadMs: number): Schedule => ({
        kind: 'cron',
        cron: '0 * * * *',
        timezone: 'UTC',
        spreadMs,
      });
      const id = newTaskId('owner', `${seed}`);
      const paper = paperTask(changes.newTask(id, definition(hourly(900_000)), T, ''), T);
      const nominal: number[] = [];
      let now = T;
      for (const { aheadMs, spreadMs, what } of commands) {
        now += aheadMs;
        drive(paper, nominal, now);
        const { record } = paper;
        if (what === 'edit') {
          const change = changes.reschedule(record, definition(hourly(spreadMs)), now);
          assert.ok(change !== changes.BEHIND);
          paper.change(change);
          edits += 1;
        } else if (what === 'pause' && paused && record.state === 'active') {
          paper.change(changes.pause(record, now) as Exclude<ReturnType<typeof changes.pause>, 'behind'>);
        } else if (what === 'resume' && record.state === 'paused') {
          paper.change(changes.resume(record, now));
        }
        drive(paper, nominal, now);
      }
      for (const [index, at] of nominal.entries()) {
        const before = nominal[index - 1];
        if (before === undefined) continue;
        if (paused) assert.ok(at > before, 'a nominal slot comes once, and in order');
        else assert.equal(at - before, HOUR, 'and none is left out');
      }
    }),
    { seed: 20_261_130, numRuns: 1_000 },
  );
  assert.ok(edits > 1_000);
});

test('another pattern takes all its slots after now: the guard is for the spread alone', () => {
  const every: Schedule = { kind: 'every', everyMs: HOUR };
  const id = newTaskId('owner', 'x');
  const paper = paperTask(changes.newTask(id, definition(every), T - 1, ''), T - 1);
  drive(paper, [], T + 60_000);
  const daily: Schedule = { kind: 'cron', cron: '0 8 * * *', timezone: 'UTC', spreadMs: 12 * HOUR };
  const change = changes.reschedule(paper.record, definition(daily), T + 60_000);
  assert.ok(change !== changes.BEHIND && change.open?.schedule === daily);
  assert.equal(change.nextAt, T + spreadOffset(id, 12 * HOUR), 'the slot of this morning is yet to come');
});

test('bounds are judged on the nominal instant, the segment on the planned one', () => {
  const id = newTaskId('owner', 'y');
  const schedule: Schedule = {
    kind: 'every',
    everyMs: HOUR,
    startAt: T + HOUR,
    endAt: T + 3 * HOUR,
    spreadMs: HOUR - 1,
  };
  const offset = spreadOffset(id, HOUR - 1);
  assert.ok(offset > 60_000);
  const { segment, nextAt } = changes.newTask(id, definition(schedule), T, '');
  const source = createSegmentSource(segment);
  assert.equal(nextAt, T + HOUR + offset);
  assert.equal(
    source.next(T + HOUR + offset),
    T + 2 * HOUR + offset,
    'moved beyond nothing: 2 h is before endAt',
  );
  assert.equal(source.next(T + 2 * HOUR + offset), null);
  assert.deepEqual(source.count(T, T + 9 * HOUR, 10), { count: 2, lastAt: T + 2 * HOUR + offset });
  assert.equal(source.nthNewest(T, T + 9 * HOUR, 2), T + HOUR + offset);
  // Created between a nominal instant and its own: the slot is still to come.
  const plain: Schedule = { kind: 'every', everyMs: HOUR, spreadMs: HOUR - 1 };
  assert.equal(changes.newTask(id, definition(plain), T + offset - 1, '').nextAt, T + offset);
  assert.equal(changes.newTask(id, definition(plain), T + offset, '').nextAt, T + HOUR + offset);
});
