/** What the scheduler knows to be due soon: one entry per task, ordered by its next slot. In memory only; the store's due
 * index is the truth and whatever is lost here is found again there. */
import { createHeap } from '../lib/heap.ts';
import { partitionOfId } from '../store/ids.ts';
import type { TaskRecord } from '../store/records.ts';
import { bounded } from '../tasks/bounded-map.ts';
import { createSegmentSource, type SegmentSource } from '../tasks/segment-source.ts';

export interface Entry {
  task: TaskRecord;
  partition: number;
  source: SegmentSource;
  /** When to act on it. */
  at: number;
  /** Being fired right now. */
  firing: boolean;
  /** What was offered meanwhile. */
  newer: TaskRecord | null;
  /** Firing steps in a row that the store refused with this task in them. */
  refusals: number;
}

export interface Lookahead {
  readonly size: number;
  /** Takes a record in unless one as new is known; while the task is being fired, for when that is settled. An entry that
   * would sleep beyond `wakeBy` is put right: for what the store says is overdue. */
  offer(task: TaskRecord, wakeBy?: number): void;
  /** After a firing step: the task goes on from this record, to be acted on at `at`; null forgets it. */
  settle(entry: Entry, task: TaskRecord | null, at: number | null): void;
  nextAt(): number | null;
  /** Entries due at `now`, marked as firing. */
  takeDue(now: number, limit: number): Entry[];
  /** Forgets what belongs to a partition (null: everything). */
  forget(belongs: ((taskId: string) => boolean) | null): void;
}

/** Sources kept for segments that plan alike: making one of a cron pattern costs 70 to 120 µs, far more than a slot of it. */
const SOURCES_KEPT = 2_000;

export function createLookahead(): Lookahead {
  const sources = bounded<string, SegmentSource>(SOURCES_KEPT);
  const entries = new Map<string, Entry>();
  const heap = createHeap<Entry>();

  function sourceOf({ schedule, spreadMs, toAt }: TaskRecord['segment']): SegmentSource {
    const plan = JSON.stringify([schedule, spreadMs, toAt]);
    let source = sources.get(plan);
    if (source === undefined) {
      source = createSegmentSource({ schedule, spreadMs, toAt });
      sources.set(plan, source);
    }
    return source;
  }

  function put(task: TaskRecord, at: number, known: Entry | undefined): void {
    const sameSegment =
      known !== undefined &&
      known.task.segment.fromAt === task.segment.fromAt &&
      known.task.version === task.version;
    const entry: Entry = {
      task,
      partition: known?.partition ?? (partitionOfId(task.id) as number),
      source: sameSegment ? known.source : sourceOf(task.segment),
      at,
      firing: false,
      newer: null,
      refusals: known?.refusals ?? 0,
    };
    entries.set(task.id, entry);
    heap.push(at, entry);
  }

  /** Entries replaced since stay in the heap until they come up. */
  const isStale = (entry: Entry) => entries.get(entry.task.id) !== entry || entry.firing;

  return {
    get size() {
      return entries.size;
    },
    offer(task, wakeBy = Number.POSITIVE_INFINITY) {
      const known = entries.get(task.id);
      if (known?.firing) {
        if (isNewer(task, known.newer ?? known.task)) known.newer = task;
        return;
      }
      if (known !== undefined && !isNewer(task, known.task)) {
        const asleep =
          known.at > wakeBy && task.version >= known.task.version && task.cursorAt >= known.task.cursorAt;
        if (!asleep) return;
      }
      const at = dueAt(task);
      if (at !== null) put(task, at, known);
    },
    settle(entry, task, at) {
      if (entries.get(entry.task.id) !== entry) return;
      entries.delete(entry.task.id);
      const { newer } = entry;
      // Changed while it was being fired: the wake that told of it must not be lost.
      const changed = newer !== null && (task === null || isNewer(newer, task));
      const next = changed ? newer : task;
      const nextAt = changed ? dueAt(newer) : at;
      if (next !== null && nextAt !== null) put(next, nextAt, entry);
    },
    nextAt: () => heap.peekKey(),
    takeDue(now, limit) {
      const due: Entry[] = [];
      while (due.length < limit) {
        const at = heap.peekKey();
        if (at === null || at > now) break;
        const entry = heap.pop() as Entry;
        if (isStale(entry)) continue;
        entry.firing = true;
        due.push(entry);
      }
      return due;
    },
    forget(belongs) {
      if (belongs === null) {
        entries.clear();
        heap.clear();
        return;
      }
      for (const id of entries.keys()) if (belongs(id)) entries.delete(id);
    },
  };
}

const dueAt = (task: TaskRecord) => task.closing?.at ?? task.nextAt;

const isNewer = (task: TaskRecord, known: TaskRecord) =>
  task.version > known.version ||
  task.cursorAt > known.cursorAt ||
  (task.closing !== null && known.closing === null);
