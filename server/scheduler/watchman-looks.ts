/** What the watchman finds where it looks; nothing is changed here. */
import type { Clock } from '../lib/clock.ts';
import type { DayCount, Fault, StrayEntry } from '../store/inspection.ts';
import type { TaskRecord } from '../store/records.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { createSegmentSource } from '../tasks/segment-source.ts';
import { scheduleZone } from '../tasks/zone-day.ts';
import { DAY_MS } from '../tasks/zone-offsets.ts';
import { countVerdicts, dayToCount, NO_COUNT, sameCount, slotsIn } from './judge-day.ts';
import { judgeTask, OVERDUE_MS, type TaskFault } from './judge-task.ts';

/**
 * All kinds: those of inspection.ts and judge-task.ts, and
 * - `stray_entry`: an index entry points at nothing;
 * - `day_counters`: a day's counters are not what its verdicts add up to;
 * - `verdicts`: a day's verdicts are not the slots that its segment plans (see the audit; nothing repairs it);
 * - `broken_record`: a record is missing or cannot be read (nothing repairs it).
 */
export type FindingKind =
  | Fault['kind']
  | TaskFault['kind']
  | 'stray_entry'
  | 'day_counters'
  | 'verdicts'
  | 'broken_record';

export interface Finding {
  kind: FindingKind;
  partition: number;
  /** Task id; of a stray entry its own id. */
  id: string;
  /** The same words as long as nothing has moved. */
  what: string;
  /** What its repair needs. */
  task?: TaskRecord;
  nextAt?: number | null;
  stray?: StrayEntry;
  day?: { day: string; visit: number; seen: DayCount; counted: DayCount };
}

export interface TaskLook {
  findings: Finding[];
  tasks: TaskRecord[];
  next: string | null;
}

export interface Looks {
  atTasks(
    partition: number,
    of: { after: string | null; limit: number } | { taskIds: string[] },
  ): Promise<TaskLook>;
  atIndexes(
    partition: number,
    after: string | null,
    limit: number,
  ): Promise<{ findings: Finding[]; next: string | null }>;
  /** Counts one day of the task; which, `visit` says. Null: all is well, or there is none to count. */
  atDay(partition: number, task: TaskRecord, visit: number): Promise<Finding | null>;
}

/** Verdicts read in one call, 1 ms of decoding; and at most of one day: one a second. */
const VERDICTS_A_PAGE = 1_000;
const VERDICTS_A_DAY = 100_000;

export function createLooks({ store, clock }: { store: Store; clock: Clock }): Looks {
  async function atTasks(partition: number, of: Parameters<Looks['atTasks']>[1]): Promise<TaskLook> {
    const { tasks, broken, next } = await store.inspectTasks(partition, of);
    const now = clock.now();
    const findings: Finding[] = broken.map(({ id, what }) =>
      what === '-'
        ? strayFinding(partition, { index: 'task', id, owner: '' })
        : { kind: 'broken_record', partition, id, what },
    );
    for (const { task, faults } of tasks) {
      const common = { partition, id: task.id, task };
      findings.push(...faults.map((fault) => ({ ...common, ...fault })));
      try {
        findings.push(
          ...judgeTask(task, now, createSegmentSource(task.segment)).map((fault) => ({
            ...common,
            ...fault,
          })),
        );
      } catch (error) {
        findings.push({ ...common, kind: 'broken_record', what: `cannot be planned: ${String(error)}` });
      }
    }
    if (findings.some(({ kind }) => kind === 'overdue')) {
      // A backlog that is being worked off has a front that moves: then nothing behind it stands still.
      const [front] = await store.loadDue(partition, now - OVERDUE_MS, 1);
      for (const finding of findings) {
        if (finding.kind === 'overdue') finding.what += ` front ${front?.id} ${front?.cursorAt}`;
      }
    }
    return { findings, tasks: tasks.map(({ task }) => task), next };
  }

  /** Null: more than is looked through. */
  async function countDay(taskId: string, fromAt: number, toAt: number): Promise<DayCount | null> {
    let total: DayCount = NO_COUNT;
    for (let at = fromAt, read = 0; read < VERDICTS_A_DAY; read += VERDICTS_A_PAGE) {
      const page = await store.listVerdicts(taskId, at, toAt, { limit: VERDICTS_A_PAGE, oldestFirst: true });
      total = countVerdicts(page, total);
      const last = page.at(-1);
      if (last === undefined || page.length < VERDICTS_A_PAGE) return total;
      at = last.toAt;
    }
    return null;
  }

  async function readDay(
    taskId: string,
    { day, fromAt, toAt }: { day: string; fromAt: number; toAt: number },
  ) {
    const counted = await countDay(taskId, fromAt, toAt);
    const [record] = (await store.listDays(taskId, day)).filter((one) => one.day === day);
    return { counted, seen: record ?? NO_COUNT };
  }

  return {
    atTasks,

    async atIndexes(partition, after, limit) {
      const { strays, unlisted, next } = await store.inspectIndexes(partition, after, limit);
      const findings = strays.map((stray) => strayFinding(partition, stray));
      if (unlisted.length > 0)
        findings.push(...(await atTasks(partition, { taskIds: unlisted.slice(0, limit) })).findings);
      return { findings, next };
    },

    async atDay(partition, task, visit) {
      const found = dayToCount(task, visit);
      if (found === null) return null;
      const { day, fromAt, toAt } = found;
      const read = await readDay(task.id, found).catch((error: unknown) => {
        if (error instanceof StoreUnavailableError) throw error;
        return 'unreadable' as const;
      });
      if (read === 'unreadable') {
        const what = `day ${day}: its verdicts or counters cannot be read`;
        const nothing = { day, visit, seen: NO_COUNT, counted: NO_COUNT };
        return { kind: 'broken_record', partition, id: task.id, task, what, day: nothing };
      }
      const { seen, counted } = read;
      if (counted === null) return null;
      const source = createSegmentSource(task.segment, scheduleZone(task.definition.schedule));
      // On a day on which the clocks change croner is asked slot by slot: a second for 90,000 of them, on the loop that fires.
      const isEven = toAt - fromAt === DAY_MS || source.countsFreely;
      const planned = isEven ? source.count(fromAt, toAt, VERDICTS_A_DAY).count : slotsIn(counted);
      const common = { partition, id: task.id, task };
      if (task.segment.maxSlots === null && planned < VERDICTS_A_DAY && planned !== slotsIn(counted)) {
        const what = `day ${day}: ${slotsIn(counted)} verdicts of ${planned} planned slots`;
        return { ...common, kind: 'verdicts', what, day: { day, visit, seen, counted } };
      }
      if (sameCount(seen, counted)) return null;
      const what = `day ${day}: ${slotsIn(seen)} counted, ${slotsIn(counted)} kept`;
      return { ...common, kind: 'day_counters', what, day: { day, visit, seen, counted } };
    },
  };
}

const strayFinding = (partition: number, stray: StrayEntry): Finding => ({
  kind: 'stray_entry',
  partition,
  id: stray.id,
  what: `${stray.index} ${stray.owner}`.trim(),
  stray,
});
