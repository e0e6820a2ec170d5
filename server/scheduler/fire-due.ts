/** One pass of firing: plan what is due, send it to the store's firing step, go on from what it answered. */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { RepeatLog } from '../lib/repeat-log.ts';
import type { ClaimedRun, StepPolicy, TaskRecord } from '../store/records.ts';
import type { ClaimRequest, FireAnswer, FireRequest } from '../store/requests.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { POLICY_DEFAULTS } from '../tasks/policy-defaults.ts';
import { BEHIND, carryOutClosing } from '../tasks/task-changes.ts';
import type { Entry, Lookahead } from './lookahead.ts';
import { planSlots } from './plan-slots.ts';

/** Decisions per task and pass, and slots skipped by them: a few ms of planning at most, so that a backlog stalls nobody. */
const A_PASS = { slots: 100, skipped: 2_000 };
/** Tasks in one firing step: longer steps are lateness for every other server (a Redis call of 100 takes about 1.5 ms). */
const FIRES_A_STEP = 100;
/** A task that cannot be planned or fired is tried again after this, ms. */
const RETRY_MS = 1_000;
/** Least pause before an unanswered step is repeated, ms. */
const REPEAT_MS = 50;

/** Where freed places of this server's worker are offered to a firing step, so that it hands out what it made ready. */
export interface ClaimPort {
  /** Places that a reservation could have now. */
  free(): number;
  reserve(partition: number, most: number): ClaimRequest | null;
  received(request: ClaimRequest, runs: ClaimedRun[]): void;
  /** The answer was lost: the same request has to be repeated until it is answered. */
  unanswered(partition: number, request: ClaimRequest): void;
  /** Runs were made ready and not handed out. */
  ready(partition: number): void;
  /** Fires are waiting to be sent: finishes stay here until they are (for 50 ms at most). Claims go on. */
  holdFinishes(hold: boolean): void;
}

export interface FireDeps {
  store: Store;
  clock: Clock;
  lookahead: Lookahead;
  claims: ClaimPort;
  logger: Logger;
  /** Steps that failed and are repeated: as many as tasks are due while the store is away. */
  sayRepeated: RepeatLog;
}

interface Planned {
  entry: Entry;
  request: FireRequest;
  decided: number;
  /** One of the first in line, as many as there are free places: its run is handed out with the step. */
  isNext: boolean;
}

/** Fires the entries, all steps in one turn of the loop; resolves when every one is answered. Never rejects. */
export async function fireEntries(entries: Entry[], deps: FireDeps): Promise<void> {
  const now = deps.clock.now();
  const byPartition = new Map<number, Planned[]>();
  const closings: Entry[] = [];
  const steps: Promise<void>[] = [];
  let free = deps.claims.free();
  for (const entry of entries) {
    if (entry.task.closing !== null) {
      closings.push(entry);
      continue;
    }
    const isSuspect = entry.refusals > 0;
    const planned = plan(entry, now, free > 0 && !isSuspect, deps);
    if (planned === null) continue;
    // A step that the store refuses because of one task must not keep the others of its partition from firing.
    if (isSuspect) {
      steps.push(fireStep(entry.partition, [planned], deps));
      continue;
    }
    free -= 1;
    const list = byPartition.get(entry.partition);
    if (list === undefined) byPartition.set(entry.partition, [planned]);
    else list.push(planned);
  }
  // The first step of each partition before the second of any: a heavy owner fills several of its own.
  for (let from = 0, isMore = true; isMore; from += FIRES_A_STEP) {
    isMore = false;
    for (const [partition, planned] of byPartition) {
      if (from >= planned.length) continue;
      steps.push(fireStep(partition, planned.slice(from, from + FIRES_A_STEP), deps));
      isMore ||= from + FIRES_A_STEP < planned.length;
    }
  }
  for (const entry of closings) steps.push(closeTask(entry, now, deps));
  await Promise.all(steps);
}

function plan(entry: Entry, now: number, isNext: boolean, deps: FireDeps): Planned | null {
  const { task } = entry;
  try {
    const planned = planSlots(task, now, entry.source, A_PASS);
    if (planned === null) {
      deps.lookahead.settle(entry, task, Math.max(task.nextAt ?? now + RETRY_MS, now + 1));
      return null;
    }
    const decided = planned.decisions.reduce((sum, d) => sum + (d.kind === 'skip' ? d.count : 1), 0);
    const { decisions, nextCursorAt, nextAt, episode, ends } = planned;
    const request: FireRequest = {
      taskId: task.id,
      version: task.version,
      cursorAt: task.cursorAt,
      decisions,
      nextCursorAt,
      nextAt,
      episode,
      ends,
      policy: stepPolicy(task),
    };
    return { entry, request, decided, isNext };
  } catch (error) {
    deps.logger.error({ err: error, taskId: task.id }, 'a task could not be planned; it is tried again');
    deps.lookahead.settle(entry, task, now + RETRY_MS);
    return null;
  }
}

async function fireStep(partition: number, planned: Planned[], deps: FireDeps): Promise<void> {
  const sentAt = deps.clock.now();
  const next = planned.filter(({ isNext }) => isNext).length;
  const claim = next === 0 ? null : deps.claims.reserve(partition, next);
  let answer: Awaited<ReturnType<Store['fireSlots']>>;
  try {
    answer = await deps.store.fireSlots(
      partition,
      planned.map((p) => p.request),
      claim ?? undefined,
    );
  } catch (error) {
    if (claim !== null) deps.claims.unanswered(partition, claim);
    if (!(error instanceof StoreUnavailableError)) return refused(error, planned, deps);
    deps.sayRepeated(
      { err: error, partition, tasks: planned.length },
      'a firing step was not answered; it is repeated',
    );
    // A step that waited out its timeout goes again at once: after a second its slots would be late, and caught up.
    const now = deps.clock.now();
    const at = now + Math.max(REPEAT_MS, RETRY_MS / 2 - (now - sentAt));
    for (const { entry } of planned) deps.lookahead.settle(entry, entry.task, at);
    return;
  }
  if (claim !== null) deps.claims.received(claim, answer.claimed);
  for (const { entry } of planned) entry.refusals = 0;
  // An older run may have been handed out in its place.
  const handedOut = new Set(answer.claimed.map(({ runId }) => runId));
  const isLeft = (fire: FireAnswer) =>
    fire.code === 'fired' && fire.ready.some((runId) => !handedOut.has(runId));
  if (answer.fires.some(isLeft)) deps.claims.ready(partition);
  await Promise.all(planned.map((p, index) => goOn(p, answer.fires[index] as FireAnswer, deps)));
}

/** The store answered and did not do it: one of the tasks cannot be fired. Each goes again in a step of its own. */
function refused(error: unknown, planned: Planned[], { clock, lookahead, logger }: FireDeps): void {
  const isAlone = planned.length === 1;
  for (const { entry } of planned) {
    const { task } = entry;
    entry.refusals += 1;
    // After 1, 2, 4, ... refusals: no flood of lines about what nobody mends.
    if (isAlone && Number.isInteger(Math.log2(entry.refusals)))
      logger.error({ err: error, taskId: task.id }, 'a task could not be fired; it is tried again');
    lookahead.settle(entry, task, clock.now() + (isAlone ? RETRY_MS : REPEAT_MS));
  }
}

/** What the next pass works from. A repeated step answers `already_fired` and the record is read again. */
async function goOn({ entry, request, decided }: Planned, answer: FireAnswer, deps: FireDeps): Promise<void> {
  const { task } = entry;
  switch (answer.code) {
    case 'fired': {
      if (request.ends) return deps.lookahead.settle(entry, null, null);
      const { nextCursorAt: cursorAt, nextAt, episode } = request;
      const next: TaskRecord = {
        ...task,
        cursorAt,
        nextAt,
        episode,
        segmentSlots: task.segmentSlots + decided,
      };
      return deps.lookahead.settle(entry, next, nextAt);
    }
    case 'early': {
      // The store knows how long. Never longer than a retry: it may be this process's clock that is wrong.
      const waitMs = Math.min(RETRY_MS, Math.max(1, request.nextCursorAt - answer.now));
      return deps.lookahead.settle(entry, task, deps.clock.now() + waitMs);
    }
    case 'gone':
      return deps.lookahead.settle(entry, null, null);
    case 'already_fired':
    case 'stale': {
      const fresh = await deps.store.getTask(task.id).catch(() => task);
      const at = fresh === null ? null : (fresh.closing?.at ?? fresh.nextAt);
      return deps.lookahead.settle(
        entry,
        fresh,
        at === null ? null : fresh === task ? deps.clock.now() + RETRY_MS : at,
      );
    }
  }
}

/** Ends or pauses a task whose run asked for it (`until`, `pauseAfterFailures`). */
async function closeTask(entry: Entry, now: number, deps: FireDeps): Promise<void> {
  const { task } = entry;
  try {
    let current: TaskRecord | null = task;
    for (let tries = 0; tries < 5 && current?.closing; tries += 1) {
      const change = carryOutClosing(current, now);
      if (change === BEHIND) throw new Error('a closing task owes too many slots');
      const answer = await deps.store.changeTask(change);
      if (answer.code === 'changed' || answer.code === 'gone') break;
      current = await deps.store.getTask(task.id);
    }
    deps.lookahead.settle(entry, null, null);
  } catch (error) {
    deps.sayRepeated({ err: error, taskId: task.id }, 'closing a task failed; it is tried again');
    deps.lookahead.settle(entry, task, deps.clock.now() + RETRY_MS);
  }
}

/** What the firing step needs of a task's policy, defaults filled in. */
export function stepPolicy(task: TaskRecord): StepPolicy {
  const { overlap, priority, timeoutMs, lateAfterMs } = { ...POLICY_DEFAULTS, ...task.definition.policy };
  return { overlap, priority, timeoutMs, lateAfterMs };
}
