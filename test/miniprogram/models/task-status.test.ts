import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { currentRun } from '../../../miniprogram/models/task-head.ts';
import {
  NO_STATUS,
  reduceTask,
  type TaskInput,
  type TaskStatus,
} from '../../../miniprogram/models/task-status.ts';
import type { EventPayload } from '../../../shared/realtime.ts';
import type { RunSummary } from '../../../shared/run.ts';
import { paperRun, paperTask, TASK_ID } from './support/paper.ts';

const runId = (at: number) => `${TASK_ID}:${at}`;
const event = (type: string, payload: Partial<EventPayload> = {}): TaskInput => ({
  kind: 'event',
  type,
  payload: { taskId: TASK_ID, at: 1, ...payload },
});
const after = (status: TaskStatus, ...inputs: TaskInput[]): TaskStatus =>
  inputs.reduce((now, input) => reduceTask(now, input).status, status);
/** A page that has read its task and both first pages. */
const ready = after(
  NO_STATUS,
  {
    kind: 'task',
    task: paperTask({ decidedThroughAt: 1_000, nextFireAt: 2_000, nominalAt: 1_500 }),
    fresh: true,
  },
  { kind: 'newest', items: [], more: false, range: NO_STATUS.range },
  { kind: 'runs', place: 'newest', items: [], nextCursor: null },
);
const fired = event('slot.fired', { plannedAt: 2_000, runId: runId(2_000), nextAt: 3_000 });
const stateOf = (status: TaskStatus, at: number) => status.runs.find(({ id }) => id === runId(at))?.state;

describe('task status', () => {
  it('takes a fired slot with its next one, and a repeat of it once', () => {
    const once = after(ready, fired);
    assert.equal(once.task?.nextFireAt, 3_000);
    assert.equal(once.task?.nominalAt, 2_500, 'spread as the one before');
    assert.equal(once.task?.decidedThroughAt, 2_000);
    assert.deepEqual(
      once.verdicts.items.map(({ plannedAt, verdict }) => [plannedAt, verdict]),
      [[2_000, 'fired']],
    );
    assert.deepEqual(after(once, fired), once);
  });

  it('knows that none is left when a fired slot names no next one', () => {
    assert.equal(after(ready, event('slot.fired', { plannedAt: 2_000, runId: 'r' })).task?.nextFireAt, null);
  });

  it('takes a caught-up slot', () => {
    const status = after(
      ready,
      event('slot.caught_up', { plannedAt: 2_000, runId: runId(2_000), nextAt: 9_000 }),
    );
    assert.equal(status.verdicts.items[0]?.verdict, 'caught_up');
    assert.equal(status.task?.nextFireAt, 9_000);
  });

  it('takes a skipped range and reads what it does not say', () => {
    const skip = event('slot.skipped', { plannedAt: 2_000, toAt: 3_001, count: 2, reason: 'overlap' });
    const { status, wants } = reduceTask(ready, skip);
    assert.equal(status.verdicts.items[0]?.count, 2);
    assert.equal(status.task?.decidedThroughAt, 3_000);
    assert.deepEqual(wants, ['task', 'slots', 'stats']);
  });

  it('does not go back to a next slot that an old event names', () => {
    const status = after(
      ready,
      fired,
      event('slot.fired', { plannedAt: 1_500, runId: runId(1_500), nextAt: 2_000 }),
    );
    assert.equal(status.task?.nextFireAt, 3_000);
  });

  it('follows a run through every event', () => {
    const of = { runId: runId(2_000) };
    const steps: [string, Partial<EventPayload>, string][] = [
      ['run.held', { plannedAt: 2_000 }, 'held'],
      ['run.queued', {}, 'queued'],
      ['run.started', { attempt: 1, lateByMs: 4, at: 2_004 }, 'running'],
      ['run.retry_scheduled', { retryAt: 2_500 }, 'retry_wait'],
      ['run.queued', {}, 'queued'],
      ['run.started', { attempt: 2, lateByMs: 4, at: 2_600 }, 'running'],
      ['run.lost', {}, 'queued'],
      ['run.started', { attempt: 3, lateByMs: 4, at: 2_700 }, 'running'],
      ['run.released', {}, 'queued'],
      ['run.cancelling', {}, 'cancelling'],
      ['run.finished', { state: 'cancelled', at: 2_900 }, 'cancelled'],
    ];
    let status = after(ready, fired);
    for (const [type, payload, state] of steps) {
      status = after(status, event(type, { ...of, ...payload }));
      assert.equal(stateOf(status, 2_000), state, type);
    }
    const run = status.runs[0];
    assert.equal(run?.startedAt, 2_004, 'the first start');
    assert.equal(run?.endedAt, 2_900);
    assert.equal(run?.attempt, 3);
    assert.equal(run?.retryAt, null);
    assert.equal(status.verdicts.items[0]?.lateByMs, 4);
  });

  it('says when a retry is due', () => {
    const status = after(ready, event('run.retry_scheduled', { runId: runId(2_000), retryAt: 9_000 }));
    assert.equal(currentRun(status.runs)?.retryAt, 9_000);
  });

  it('keeps an end that came before its start', () => {
    const finished = event('run.finished', { runId: runId(2_000), state: 'failed' });
    const status = after(ready, finished, event('run.started', { runId: runId(2_000), attempt: 1 }));
    assert.equal(stateOf(status, 2_000), 'failed');
    assert.equal(currentRun(status.runs), null);
  });

  it('reads verdicts, runs, counters and the task again after an end, once', () => {
    const finished = event('run.finished', { runId: runId(2_000), state: 'succeeded' });
    const first = reduceTask(ready, finished);
    assert.deepEqual(first.wants, ['task', 'slots', 'runs', 'stats']);
    assert.deepEqual(reduceTask(first.status, finished).wants, []);
  });

  it('shows progress while a run lasts', () => {
    const running = after(ready, event('run.started', { runId: runId(2_000) }));
    const told = after(running, { kind: 'progress', runId: runId(2_000), progress: 40 });
    assert.equal(told.runs[0]?.progress, 40);
    const ended = after(told, event('run.finished', { runId: runId(2_000), state: 'succeeded' }));
    assert.equal(ended.runs[0]?.progress, null);
    const late = after(ended, { kind: 'progress', runId: runId(2_000), progress: 90 });
    assert.equal(late, ended);
    assert.equal(after(ready, { kind: 'progress', runId: 'unknown', progress: 1 }), ready);
  });

  it('forgets after a gap what may have ended in it', () => {
    const running = after(ready, fired, event('run.started', { runId: runId(2_000) }));
    const read = reduceTask(running, { kind: 'task', task: paperTask(), fresh: true });
    assert.equal(currentRun(read.status.runs), null);
    assert.deepEqual(read.wants, ['slots', 'runs', 'stats', 'fires']);
    assert.equal(read.status.verdicts.loaded, false);
    assert.equal(
      currentRun(after(running, { kind: 'task', task: paperTask(), fresh: false }).runs)?.state,
      'running',
    );
  });

  it('finds in a snapshot what is running', () => {
    const slot = { plannedAt: 2_000, count: 1, verdict: 'fired', reason: null, late: false } as const;
    const recent = [{ ...slot, runId: runId(2_000), state: 'running', lateByMs: 3, progress: 12 } as const];
    const run = currentRun(after(NO_STATUS, { kind: 'task', task: paperTask({ recent }), fresh: true }).runs);
    assert.equal(run?.progress, 12);
    assert.equal(run?.lateByMs, 3);
  });

  it('never lets a page bring an ended run back, and takes an end from it', () => {
    const id = runId(2_000);
    const page = (state: RunSummary['state']): TaskInput => ({
      kind: 'runs',
      place: 'newest',
      items: [paperRun({ id, state })],
      nextCursor: null,
    });
    const ended = after(ready, event('run.finished', { runId: id, state: 'succeeded' }), page('running'));
    assert.equal(stateOf(ended, 2_000), 'succeeded');
    const started = after(ready, event('run.started', { runId: id }));
    assert.equal(stateOf(after(started, page('queued')), 2_000), 'running', 'the event is newer');
    assert.equal(stateOf(after(started, page('succeeded')), 2_000), 'succeeded');
  });

  it('shows a run that was asked for at once, and takes it back when it was refused', () => {
    const asked = after(ready, { kind: 'ask' });
    assert.equal(asked.asked, true);
    assert.equal(after(asked, { kind: 'answered', run: null }).asked, false);
    const id = `${TASK_ID}:manual:aaaa`;
    const run = { ...paperRun({ id, state: 'queued', trigger: 'manual' }) };
    const answered = after(asked, { kind: 'answered', run });
    assert.deepEqual(answered.runList.ids, [id]);
    assert.equal(currentRun(answered.runs)?.trigger, 'manual');
    const twice = after(answered, event('run.queued', { runId: id, plannedAt: 5 }));
    assert.deepEqual(twice.runList.ids, [id], 'its event comes as well');
  });

  it('an empty list stays empty after a gap, and is not told as loading', () => {
    const none: TaskInput[] = [
      { kind: 'newest', items: [], more: false, range: ready.range },
      { kind: 'runs', place: 'newest', items: [], nextCursor: null },
    ];
    const empty = after(NO_STATUS, { kind: 'task', task: paperTask(), fresh: false }, ...none);
    const gap = after(empty, { kind: 'task', task: paperTask(), fresh: true });
    assert.equal(gap.verdicts.loaded && gap.runList.loaded, true);
    const filled = after(empty, fired, { kind: 'task', task: paperTask(), fresh: true });
    assert.equal(filled.verdicts.loaded, false, 'rows may have a hole now');
  });

  it('drops pages of a range that is no longer shown', () => {
    const day = { fromAt: 0, toAt: 10 };
    const chosen = reduceTask(ready, { kind: 'range', range: day });
    assert.deepEqual(chosen.wants, ['slots']);
    const late = after(chosen.status, { kind: 'newest', items: [], more: false, range: ready.range });
    assert.equal(late.verdicts.loaded, false);
    assert.deepEqual(after(chosen.status, fired).verdicts.items, [], 'outside the day');
  });

  it('reads the task again when it was changed, and says when it was deleted', () => {
    assert.deepEqual(reduceTask(ready, event('task.changed', { version: 4 })).wants, ['task', 'fires']);
    assert.equal(after(ready, event('task.deleted')).deleted, true);
  });

  it('ignores events that it does not know and those that lack their fields', () => {
    for (const type of ['task.renamed', 'run.dreamt', 'run.started', 'slot.fired', 'slot.skipped', '']) {
      assert.deepEqual(reduceTask(ready, event(type)), { status: ready, wants: [] }, type);
    }
  });

  it('comes to the same whatever is repeated, as long as each run ends', () => {
    const types = ['run.queued', 'run.started', 'run.retry_scheduled', 'run.lost'] as const;
    const step = fc.record({ type: fc.constantFrom(...types), run: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(step, { maxLength: 20 }), (before, late) => {
        const said = ({ type, run }: (typeof before)[number]) => event(type, { runId: runId(run) });
        const ends = [1, 2, 3, 4].map((run) =>
          event('run.finished', { runId: runId(run), state: 'succeeded' }),
        );
        const status = after(ready, ...before.map(said), ...ends);
        assert.equal(currentRun(status.runs), null);
        assert.deepEqual(after(status, ...late.map(said), ...ends), status);
      }),
    );
  });
});
