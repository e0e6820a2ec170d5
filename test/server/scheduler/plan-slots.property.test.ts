/**
 * For random schedules, zones with DST, downtimes, edits, pauses, batch sizes and crashes, every slot gets exactly the
 * verdict that an independent recount by brute force expects: never twice, never early, never out of order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { CatchUp, Schedule, TaskDefinition } from '../../../shared/task.ts';
import { planSlots } from '../../../server/scheduler/plan-slots.ts';
import type { SlotDecision } from '../../../server/store/records.ts';
import { auditSlots } from '../../../server/tasks/audit.ts';
import { createSegmentSource } from '../../../server/tasks/segment-source.ts';
import * as changes from '../../../server/tasks/task-changes.ts';
import { brutePlanned } from '../../helpers/brute-slots.ts';
import { type PaperTask, paperTask } from '../../helpers/paper-task.ts';

const RUNS = 400;
const SEED = 20261123;

/** Around DST changes of several zones, and an ordinary day. */
const starts = [
  Date.UTC(2026, 2, 28, 22), // Berlin springs forward on 29 March
  Date.UTC(2026, 9, 24, 20), // and falls back on 25 October
  Date.UTC(2026, 2, 8, 4), // New York
  Date.UTC(2026, 3, 23, 20), // Cairo, at midnight
  Date.UTC(2026, 3, 4, 12), // Lord Howe, half an hour
  Date.UTC(2026, 10, 23, 7),
];
const zones = ['Europe/Berlin', 'America/New_York', 'Africa/Cairo', 'Australia/Lord_Howe', 'Asia/Shanghai', 'UTC'];
const patterns = ['*/7 * * * * *', '*/5 * * * *', '0 * * * *', '*/15 2 * * *', '30 2 * * *', '0 0 * * *', '10,50 */3 * * *'];

const scheduleKind = (start: number): fc.Arbitrary<Schedule> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('every' as const),
      everyMs: fc.constantFrom(1_000, 1_500, 7_000, 60_000, 3_600_000),
      anchorAt: fc.constantFrom(0, 123, -77_777, start + 5),
    }),
    fc.record({ kind: fc.constant('cron' as const), cron: fc.constantFrom(...patterns), timezone: fc.constantFrom(...zones) }),
    fc.record({ kind: fc.constant('at' as const), at: fc.integer({ min: start - 50_000, max: start + 20_000_000 }) }),
  );
const bounded = (start: number): fc.Arbitrary<Schedule> =>
  fc
    .tuple(
      scheduleKind(start),
      fc.option(fc.integer({ min: 1, max: 400 }), { freq: 3 }),
      fc.option(fc.integer({ min: 0, max: 9_000_000 }), { freq: 4 }),
      fc.option(fc.integer({ min: 9_000_000, max: 40_000_000 }), { freq: 4 }),
    )
    .map(([schedule, maxSlots, startIn, endIn]) => ({
      ...schedule,
      ...(maxSlots === null ? {} : { maxSlots }),
      ...(startIn === null ? {} : { startAt: start + startIn }),
      ...(endIn === null ? {} : { endAt: start + endIn }),
    }));

const catchUps: fc.Arbitrary<CatchUp> = fc.record(
  {
    policy: fc.constantFrom('all' as const, 'latest' as const, 'none' as const),
    windowMs: fc.constantFrom(1_000, 60_000, 7_200_000, 86_400_000),
    maxRuns: fc.constantFrom(1, 2, 10, 100),
  },
  { requiredKeys: [] },
);

type Command =
  | { kind: 'pass'; aheadMs: number; slots: number; crash: 'none' | 'before' | 'after' }
  | { kind: 'pause' | 'resume' | 'end' }
  | { kind: 'edit'; schedule: Schedule };

const command = (start: number): fc.Arbitrary<Command> =>
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        // On time, a bit late, a short and a long downtime.
        aheadMs: fc.oneof(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 15_000_000 })),
        slots: fc.constantFrom(1, 3, 50),
        crash: fc.constantFrom('none' as const, 'none' as const, 'before' as const, 'after' as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('edit' as const), schedule: bounded(start) }) },
  );

test('verdicts equal a recount by brute force', () => {
  let decided = 0;
  let episodes = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...starts).chain((start) =>
        fc.tuple(fc.constant(start), bounded(start), catchUps, fc.array(command(start), { minLength: 5, maxLength: 40 })),
      ),
      ([start, schedule, catchUp, commands]) => {
        const ended = simulate(start, schedule, catchUp, commands);
        decided += ended.decided;
        episodes += ended.episodes;
      },
    ),
    { numRuns: RUNS, seed: SEED },
  );
  // A simulation that decides nothing would prove nothing.
  assert.ok(decided > 20_000 && episodes > 200, `${decided} slots, ${episodes} episodes`);
});

interface Expected {
  /** Judgement of the slots of the open episode. */
  startedAt: number;
  of: Map<number, string>;
}

function simulate(start: number, schedule: Schedule, catchUp: CatchUp, commands: Command[]) {
  let now = start;
  const definition: TaskDefinition = { name: 't', schedule, action: { kind: 'handler', name: 'noop' }, policy: { catchUp }, requires: null, visibleTo: null };
  const paper = paperTask(changes.newTask('00aaaaaaaaaaaaaaaa', definition, now, ''), now);
  const verdicts = new Map<number, string>();
  let episode: Expected | null = null;
  let episodes = 0;
  let lastDecided = Number.MIN_SAFE_INTEGER;

  /** Planned by the segments, at or before an instant, and without a verdict. */
  const undecided = (until: number) =>
    brutePlanned(paper.segments, paper.record.cursorAt + 1, until + 1);

  /** Writes down what the decisions say, slot by slot, and checks order, earliness and repetition. */
  function record(decisions: readonly SlotDecision[], owed: readonly number[], expect: (slot: number) => string): void {
    let next = 0;
    for (const decision of decisions) {
      const count = decision.kind === 'skip' ? decision.count : 1;
      for (let n = 0; n < count; n += 1) {
        const slot = owed[next++];
        assert.ok(slot !== undefined, 'no slot is invented');
        if (n === 0) assert.equal(slot, decision.plannedAt, 'in order, none left out');
        if (decision.kind === 'skip' && n === count - 1) assert.equal(slot + 1, decision.toAt, 'a range ends at its last slot');
        assert.ok(slot > lastDecided, 'never out of order');
        assert.ok(slot <= now, 'never early');
        assert.ok(!verdicts.has(slot), 'never twice');
        const said = decision.kind === 'skip' ? decision.reason : decision.kind;
        assert.equal(said, expect(slot), `slot ${slot} at ${now}`);
        verdicts.set(slot, said);
        lastDecided = slot;
      }
    }
  }

  function pass(slots: number, crash: 'none' | 'before' | 'after'): void {
    if (paper.record.state !== 'active') return;
    const source = createSegmentSource(paper.record.segment);
    const plan = planSlots(paper.record, now, source, { slots });
    const owed = undecided(now);
    if (plan === null) return assert.equal(owed.length, 0, 'nothing owed is left undecided');
    if (crash === 'before') return;
    const [first] = owed;
    if (first === undefined) assert.ok(plan.ends && plan.decisions.length === 0, 'nothing to decide but the end');
    else {
      assert.ok(plan.decisions.length > 0, 'each pass decides something');
      if (episode !== null && first > episode.startedAt) episode = null;
      if (episode === null && now - first > 1_000) {
        episode = { startedAt: now, of: judge(owed, now, catchUp) };
        episodes += 1;
      }
      record(plan.decisions, owed, (slot) => {
        if (episode !== null && slot <= episode.startedAt) return episode.of.get(slot) as string;
        assert.ok(now - slot <= 1_000, 'a late slot belongs to an episode');
        return 'fire';
      });
    }
    paper.fire(plan);
    assert.ok(crash !== 'after' || paper.record.cursorAt === plan.nextCursorAt);
  }

  function change(planned: ReturnType<typeof changes.pause>, reason: string): void {
    if (planned === changes.BEHIND) return;
    const owed = planned.closeAt === null ? [] : undecided(planned.closeAt - 1);
    record(planned.skips, owed, () => reason);
    assert.equal(planned.skips.reduce((sum, s) => sum + s.count, 0), owed.length, 'every owed slot is decided');
    paper.change(planned);
    episode = null;
  }

  for (const command of commands) {
    if (command.kind === 'pass') {
      now += command.aheadMs;
      pass(command.slots, command.crash);
    } else if (command.kind === 'pause' && paper.record.state === 'active') change(changes.pause(paper.record, now), 'paused');
    else if (command.kind === 'resume' && paper.record.state === 'paused') change(changes.resume(paper.record, now), 'paused');
    else if (command.kind === 'edit') {
      const next = { ...paper.record.definition, schedule: command.schedule };
      const wasActive = paper.record.state === 'active';
      // `at` may reach back a minute; slots of the old schedule after it do not exist then.
      change(changes.reschedule(paper.record, next, now), wasActive ? 'schedule_changed' : 'none');
    }
  }
  for (let n = 0; n < 20_000 && paper.record.state === 'active' && undecided(now).length > 0; n += 1) pass(1_000, 'none');
  checkAudit(paper, verdicts, start - 100_000, now);
  return { decided: verdicts.size, episodes };
}

/** What the promise says about a backlog, slot by slot, with nothing clever. */
function judge(owed: readonly number[], now: number, catchUp: CatchUp): Map<number, string> {
  const { policy = 'all', windowMs = 86_400_000, maxRuns = 100 } = catchUp;
  const of = new Map<number, string>();
  const late = owed.filter((slot) => now - slot > 1_000);
  const inWindow = late.filter((slot) => slot >= now - windowMs);
  const kept = new Set(inWindow.slice(inWindow.length - Math.min(inWindow.length, policy === 'latest' ? 1 : maxRuns)));
  for (const slot of owed) {
    if (now - slot <= 1_000) of.set(slot, 'fire');
    else if (slot < now - windowMs) of.set(slot, 'outside_catch_up_window');
    else if (policy === 'none') of.set(slot, 'catch_up_off');
    else if (kept.has(slot)) of.set(slot, 'catch_up');
    else of.set(slot, policy === 'latest' ? 'coalesced' : 'catch_up_limit');
  }
  return of;
}

/** The product's own audit agrees, and notices one verdict that is missing or one too many. */
function checkAudit(paper: PaperTask, verdicts: Map<number, string>, fromAt: number, now: number): void {
  const toAt = Math.min(now, paper.record.cursorAt) + 1;
  const kept = paper.decisions.map((d) =>
    d.kind === 'skip'
      ? { plannedAt: d.plannedAt, toAt: d.toAt, count: d.count, verdict: 'skipped' as const, reason: d.reason }
      : { plannedAt: d.plannedAt, toAt: d.plannedAt + 1, count: 1, verdict: d.kind === 'fire' ? ('fired' as const) : ('caught_up' as const), reason: null },
  );
  const audit = auditSlots({ segments: paper.segments, verdicts: kept, fromAt, toAt });
  assert.equal(audit.planned, verdicts.size);
  assert.ok(audit.ok, JSON.stringify(audit));
  if (kept.length === 0) return;
  const missing = auditSlots({ segments: paper.segments, verdicts: kept.slice(1), fromAt, toAt });
  assert.ok(!missing.ok, 'a missing verdict is noticed');
}
