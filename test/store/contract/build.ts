/** Requests with sensible defaults; a test states only what it is about. */
import { randomBytes } from 'node:crypto';
import { askedRunId, newTaskId, partitionOfOwner } from '../../../server/store/ids.ts';
import type {
  ClaimedRun,
  Segment,
  SkipDecision,
  SlotDecision,
  StepPolicy,
} from '../../../server/store/records.ts';
import type {
  AskedRun,
  ClaimRequest,
  FinishOutcome,
  FinishRequest,
  FireRequest,
  NewTask,
  TaskChange,
} from '../../../server/store/requests.ts';
import type { SkipReason } from '../../../shared/run.ts';
import type { OverlapPolicy, TaskDefinition } from '../../../shared/task.ts';

/** Distance of neighbouring slots in all tests. */
export const EVERY_MS = 1_000;
/** The local day of a decision that states none. (Stores take the day as told; they know no time zones.) */
export const DAY = '20260314';

export const randomId = (): string => randomBytes(16).toString('hex');

/** A new owner, of this partition if one is named. */
export function ownerIn(partition?: number, name = (random: string) => `owner-${random}`): string {
  for (;;) {
    const ownerId = name(randomBytes(6).toString('hex'));
    if (partition === undefined || partitionOfOwner(ownerId) === partition) return ownerId;
  }
}

export const policy = (overlap: OverlapPolicy = 'allow_all', more: Partial<StepPolicy> = {}): StepPolicy => ({
  overlap,
  priority: 0,
  timeoutMs: 10_000,
  lateAfterMs: 1_000,
  ...more,
});

/** Holds what a careless JSON round trip loses: empty arrays and objects, nulls, long and broken numbers, 汉字. */
export const definition = (more: Partial<TaskDefinition> = {}): TaskDefinition => ({
  name: '检查 "首页" \\ é 🙂',
  schedule: { kind: 'every', everyMs: EVERY_MS },
  action: {
    kind: 'handler',
    name: 'noop',
    input: { list: [], map: {}, none: null, long: 9_007_199_254_740_991, part: 0.1, deep: [[], {}, [null]] },
  },
  policy: {},
  requires: null,
  visibleTo: null,
  ...more,
});

export const segment = (fromAt: number, more: Partial<Segment> = {}): Segment => ({
  fromAt,
  toAt: null,
  schedule: { kind: 'every', everyMs: EVERY_MS },
  maxSlots: null,
  spreadMs: 0,
  zoneData: '2025b',
  calendarData: '',
  ...more,
});

export const newTask = (ownerId: string, fromAt: number, more: Partial<NewTask> = {}): NewTask => ({
  id: newTaskId(ownerId),
  definition: definition(),
  segment: segment(fromAt),
  cursorAt: fromAt - 1,
  nextAt: fromAt,
  fingerprint: 'as-asked',
  pauseAfterFailures: null,
  ...more,
});

export const fireSlot = (plannedAt: number, day = DAY): SlotDecision => ({
  kind: 'fire',
  plannedAt,
  nominalAt: plannedAt - 7,
  day,
});

export const catchUp = (plannedAt: number, day = DAY): SlotDecision => ({
  kind: 'catch_up',
  plannedAt,
  nominalAt: plannedAt - 7,
  day,
});

/** `count` slots from plannedAt on. */
export const skip = (plannedAt: number, reason: SkipReason, count = 1, day = DAY): SkipDecision => ({
  kind: 'skip',
  plannedAt,
  toAt: plannedAt + (count - 1) * EVERY_MS + 1,
  count,
  reason,
  day,
});

/** The last slot of a decision. */
export const lastSlotOf = (decision: SlotDecision): number =>
  decision.kind === 'skip' ? decision.toAt - 1 : decision.plannedAt;

export function fireRequest(
  task: { id: string; version: number; cursorAt: number },
  decisions: SlotDecision[],
  more: Partial<FireRequest> = {},
): FireRequest {
  const last = decisions.at(-1);
  const nextCursorAt = more.nextCursorAt ?? (last === undefined ? task.cursorAt : lastSlotOf(last));
  return {
    taskId: task.id,
    version: task.version,
    cursorAt: task.cursorAt,
    decisions,
    nextCursorAt,
    nextAt: more.ends ? null : nextCursorAt + EVERY_MS,
    episode: null,
    ends: false,
    policy: policy(),
    ...more,
  };
}

export const claimRequest = (limit = 100, more: Partial<ClaimRequest> = {}): ClaimRequest => ({
  requestId: randomId(),
  worker: 'worker-1',
  limit,
  leaseMs: 30_000,
  ...more,
});

export const finishRequest = (
  run: Pick<ClaimedRun, 'runId' | 'token' | 'fence'>,
  outcome: FinishOutcome = 'succeeded',
  more: Partial<FinishRequest> = {},
): FinishRequest => ({
  runId: run.runId,
  token: run.token,
  fence: run.fence,
  outcome,
  attemptOutcome: outcome === 'retry' ? 'failed' : outcome,
  retryInMs: 0,
  error:
    outcome === 'succeeded' || outcome === 'released'
      ? null
      : { code: 'HANDLER_FAILED', message: 'boom 坏了' },
  result: null,
  endTask: false,
  ...more,
});

export const askedRun = (
  taskId: string,
  trigger: 'manual' | 'backfill' = 'manual',
  plannedAt: number | null = null,
  more: Partial<AskedRun> = {},
): AskedRun => ({
  id: askedRunId(taskId, trigger),
  taskId,
  trigger,
  line: trigger === 'manual' ? 'free' : 'late',
  plannedAt,
  nominalAt: plannedAt,
  retryOf: null,
  policy: policy(),
  ...more,
});

/** A user's change that touches neither cursor nor segment, until `more` says otherwise. */
export const taskChange = (
  task: { id: string; version: number; cursorAt: number },
  more: Partial<TaskChange> = {},
): TaskChange => ({
  taskId: task.id,
  version: task.version,
  cursorAt: null,
  byUser: true,
  closes: false,
  skips: [],
  nextCursorAt: task.cursorAt,
  closeAt: null,
  open: null,
  nextAt: null,
  cancelHeld: false,
  ...more,
});
