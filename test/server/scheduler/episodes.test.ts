/** Backlogs: judged as of their start however many batches they take, bounded, split by local day, and cheap. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlotDecision } from '../../../server/store/records.ts';
import { brutePlanned } from '../../helpers/brute-slots.ts';
import { applied, countOf, drain, inShort, plan, plannedTask, T } from './support/planned.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;

test('an episode is continued over batches while time moves on, by what it was at its start', () => {
  const task = plannedTask(every10s, { windowMs: 30_000, maxRuns: 2 });
  const first = plan(task, T + 60_000, 1);
  assert.deepEqual(first && inShort(first.decisions), ['outside_catch_up_window 10..20 ×2']);
  assert.deepEqual(first?.episode, { startedAt: T + 60_000, runFromAt: T + 40_000 });
  const { decisions, task: after } = drain(
    applied(task, first as NonNullable<typeof first>),
    T + 65_000,
    1,
    100,
  );
  assert.deepEqual(inShort(decisions), [
    'catch_up_limit 30..30 ×1',
    'catch_up 40',
    'catch_up 50',
    // On time as of the start of the episode, though its turn came 5 s later.
    'fire 60',
  ]);
  assert.equal(after.episode, null);
});

test('slots that came after the episode began are on time or open one of their own', () => {
  const task = plannedTask(every10s, { maxRuns: 1 });
  const first = plan(task, T + 31_500, 1);
  assert.deepEqual(first?.episode, { startedAt: T + 31_500, runFromAt: T + 30_000 });
  const backlog = applied(task, first as NonNullable<typeof first>);
  // 40 is on time at 41, so it is fired in the call that ends the first episode.
  const quick = plan(backlog, T + 41_000);
  assert.deepEqual(quick && inShort(quick.decisions), ['catch_up 30', 'fire 40']);
  // At 51.5 both 40 and 50 are late: the first episode ends before them, the second has room for one run of its own.
  const ended = plan(backlog, T + 51_500);
  assert.deepEqual(ended && inShort(ended.decisions), ['catch_up 30']);
  const second = plan(applied(backlog, ended as NonNullable<typeof ended>), T + 51_500);
  assert.deepEqual(second && inShort(second.decisions), ['catch_up_limit 40..40 ×1', 'catch_up 50']);
});

test('maxSlots ends a backlog: the newest slots that exist are the ones that run', () => {
  const bounded = { ...every10s, maxSlots: 5 };
  const all = drain(plannedTask(bounded, { maxRuns: 2 }), T + 3_600_000, 1_000);
  assert.deepEqual(inShort(all.decisions), ['catch_up_limit 10..30 ×3', 'catch_up 40', 'catch_up 50']);
  assert.ok(all.ended);
  const latest = drain(plannedTask(bounded, { policy: 'latest' }), T + 3_600_000, 1);
  assert.deepEqual(inShort(latest.decisions), ['coalesced 10..40 ×4', 'catch_up 50']);
  const none = drain(plannedTask(bounded, { policy: 'none' }), T + 3_600_000, 1_000);
  assert.deepEqual(inShort(none.decisions), ['catch_up_off 10..50 ×5']);
  const onTime = drain(plannedTask({ ...every10s, maxSlots: 3 }), T + 30_000, 1_000);
  assert.deepEqual(inShort(onTime.decisions), ['catch_up 10', 'catch_up 20', 'fire 30']);
  assert.deepEqual([onTime.ended, onTime.calls], [true, 1], 'the plan of the last slot says that it ends');
});

test('startAt and endAt bound the slots; past the last one the task ends', () => {
  const bounded = { ...every10s, startAt: T + 20_000, endAt: T + 40_000 };
  const task = plannedTask(bounded);
  assert.equal(plan(task, T + 19_999), null);
  const last = drain(task, T + 30_000, 10);
  assert.deepEqual(inShort(last.decisions), ['catch_up 20', 'fire 30']);
  assert.ok(last.ended, 'endAt itself is no slot');
  const late = drain(task, T + 90_000, 10);
  assert.deepEqual(inShort(late.decisions), ['catch_up 20', 'catch_up 30']);
});

test('at: one slot, on time, late, or long past', () => {
  const at = T + 5_000;
  const task = plannedTask({ kind: 'at', at });
  assert.equal(plan(task, at - 1), null);
  assert.deepEqual(plan(task, at), {
    decisions: [{ kind: 'fire', plannedAt: at, nominalAt: at, day: '20261123' }],
    nextCursorAt: at,
    nextAt: null,
    episode: null,
    ends: true,
  });
  assert.deepEqual(
    drain(task, at + 60_000, 1).decisions.map((d) => d.kind),
    ['catch_up'],
  );
  const old = drain(task, at + 2 * 86_400_000, 1);
  assert.deepEqual(inShort(old.decisions), ['outside_catch_up_window 5..5 ×1']);
  assert.ok(old.ended);
});

test('without a slot left there is nothing but the end, and the cursor moves so that the step is not a repeat', () => {
  const task = plannedTask({ ...every10s, endAt: T + 10_000 });
  assert.deepEqual(plan(task, T + 7), {
    decisions: [],
    nextCursorAt: T + 7,
    nextAt: null,
    episode: null,
    ends: true,
  });
  assert.equal(plan(task, T - 7)?.nextCursorAt, T, 'never backwards');
});

test('a million owed slots of `every` are a few decisions, quickly made, and the counts add up', () => {
  const task = plannedTask({ kind: 'every', everyMs: 1_000 }, {});
  const now = T + 1_000_000_000;
  const startedMs = performance.now();
  const { decisions, calls } = drain(task, now, 1_000);
  assert.ok(performance.now() - startedMs < 1_000, 'a million one by one would take longer');
  assert.equal(calls, 1);
  assert.equal(
    decisions.reduce((sum, d) => sum + countOf(d), 0),
    1_000_000,
  );
  const runs = decisions.filter((d) => d.kind !== 'skip');
  assert.deepEqual([runs.length, runs.filter((d) => d.kind === 'fire').length], [102, 2]);
  // One range for each of the 12 local days of the window's outside, one for the last day's limit (and its second day).
  assert.ok(decisions.length - runs.length <= 15, `${decisions.length - runs.length} ranges`);
});

test('a cron backlog is worked off in batches of the limit', () => {
  const task = plannedTask({ kind: 'cron', cron: '* * * * * *' }, { policy: 'none' });
  const first = plan(task, T + 1_000_000, 100);
  assert.equal(
    first?.decisions.reduce((sum, d) => sum + countOf(d), 0),
    100,
  );
  const { decisions, calls } = drain(task, T + 1_000_000, 100);
  assert.equal(calls, 10);
  assert.equal(
    decisions.reduce((sum, d) => sum + countOf(d), 0),
    1_000,
  );
});

test('skips are split at local midnight, also on a day of 25 hours', () => {
  // Berlin falls back on 25 October 2026: the day has 25 hours, from 24 Oct 22:00 UTC to 25 Oct 23:00 UTC.
  const cursorAt = Date.UTC(2026, 9, 24, 12);
  const schedule = { kind: 'cron', cron: '0 * * * *', timezone: 'Europe/Berlin' } as const;
  const task = plannedTask(schedule, { policy: 'none' }, cursorAt);
  const now = Date.UTC(2026, 9, 26, 2, 30);
  const { decisions } = drain(task, now, 1_000);
  const skips = decisions.filter((d): d is Extract<SlotDecision, { kind: 'skip' }> => d.kind === 'skip');
  assert.deepEqual(
    skips.map(({ day, reason, count, plannedAt }) => [day, reason, count, plannedAt]),
    [
      ['20261024', 'outside_catch_up_window', 9, Date.UTC(2026, 9, 24, 13)],
      ['20261025', 'outside_catch_up_window', 5, Date.UTC(2026, 9, 24, 22)],
      ['20261025', 'catch_up_off', 20, Date.UTC(2026, 9, 25, 3)],
      ['20261026', 'catch_up_off', 4, Date.UTC(2026, 9, 25, 23)],
    ],
  );
  const planned = brutePlanned([task.segment], cursorAt + 1, now + 1);
  assert.equal(
    skips.reduce((sum, skip) => sum + skip.count, 0),
    planned.length,
  );
});
