/** Puts right what the watchman found twice: by the store's ordinary steps, each of which compares before it changes. */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { createRepeatLog } from '../lib/repeat-log.ts';
import type { TaskRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { type ClaimPort, fireEntries } from './fire-due.ts';
import { createLookahead } from './lookahead.ts';
import type { Finding, FindingKind } from './watchman-looks.ts';

/** Firing passes for one task in one repair, of up to 100 slots: what is left is found again. */
const PASSES = 20;

/** What one step of the store puts right together, for a task. */
export const STORE_FAULTS: ReadonlySet<FindingKind> = new Set<FindingKind>([
  'due_entry',
  'index_entry',
  'run_list',
  'lease_entry',
  'queue_entry',
  'retry_entry',
  'line_stuck',
  'memory',
]);

/** Repairs one finding; answers whether anything was put right. Rejects when the store does not answer. */
export async function repairFinding(
  finding: Finding,
  deps: { store: Store; clock: Clock; leaseMs: number; claims: Pick<ClaimPort, 'ready'>; logger: Logger },
): Promise<boolean> {
  const { store, leaseMs } = deps;
  const { kind, id, task, nextAt, day, stray } = finding;
  switch (kind) {
    case 'broken_record':
    case 'verdicts':
      return false;
    case 'stray_entry':
      return stray !== undefined && (await store.repairIndexes(finding.partition, [stray])) > 0;
    case 'day_counters':
      return day !== undefined && store.repairDay(id, day.day, day.seen, day.counted);
    case 'next_slot':
      return task !== undefined && setNext(store, task, nextAt ?? null);
    case 'overdue':
    case 'closing':
      return task !== undefined && fire(task, deps);
    default:
      return (await store.repairTask(id, leaseMs)).length > 0;
  }
}

/** The cursor stands still; nextAt and the due index follow it again. */
async function setNext(store: Store, task: TaskRecord, nextAt: number | null): Promise<boolean> {
  const answer = await store.changeTask({
    taskId: task.id,
    version: task.version,
    cursorAt: task.cursorAt,
    byUser: false,
    closes: false,
    skips: [],
    nextCursorAt: task.cursorAt,
    closeAt: null,
    open: null,
    nextAt,
    cancelHeld: false,
  });
  return answer.code === 'changed';
}

/** Fires (or closes) it here and now, whatever the scheduler has in mind: the step lets only one of them. */
async function fire(
  task: TaskRecord,
  { store, clock, claims, logger }: Parameters<typeof repairFinding>[1],
): Promise<boolean> {
  const lookahead = createLookahead();
  lookahead.offer(task);
  const unused = () => {};
  const sayRepeated = createRepeatLog({ clock, logger });
  const nothing: ClaimPort = {
    free: () => 0,
    reserve: () => null,
    received: unused,
    unanswered: unused,
    ready: claims.ready,
    holdFinishes: unused,
  };
  for (let pass = 0; pass < PASSES; pass += 1) {
    const due = lookahead.takeDue(clock.now(), 1);
    if (due.length === 0) break;
    await fireEntries(due, { store, clock, lookahead, claims: nothing, logger, sayRepeated });
  }
  const after = await store.getTask(task.id);
  return (
    after === null ||
    after.cursorAt > task.cursorAt ||
    after.version > task.version ||
    (task.closing !== null && after.closing === null)
  );
}
