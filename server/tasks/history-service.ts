/** Verdicts, daily counters and the proof, for one task of the caller. */
import type { Page, StatsAnswer } from '../../shared/api.ts';
import type { Audit, DayStats, SlotItem } from '../../shared/run.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { slotRunId } from '../store/ids.ts';
import type { DayRecord, TaskRecord, VerdictRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { type AuditInput, auditSlots, countPlanned, joinAudits, KEPT_DAYS, MOST_AUDITED } from './audit.ts';
import { createAuditThreads } from './audit-threads.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { ownTask } from './own-task.ts';
import type { HistoryService } from './services.ts';
import { PUNCTUALITY_DAYS, punctualityOf } from './task-view.ts';
import { dayBounds, dayOf, scheduleZone } from './zone-day.ts';

/** Audits up to this many slots take a few ms and stay in the loop. */
const AUDITED_IN_LOOP = 2_000;
const DAY_MS = 86_400_000;

export function createHistoryService(deps: { store: Store; clock: Clock }): HistoryService {
  const { store, clock } = deps;
  const auditInThread = createAuditThreads();

  /** A verdict with its run's lateness, while the run is kept. */
  async function slotItem(taskId: string, record: VerdictRecord): Promise<SlotItem> {
    const runId = record.verdict === 'skipped' ? null : slotRunId(taskId, record.plannedAt);
    const run = runId === null ? null : await store.getRun(runId);
    return { ...record, runId: run === null ? null : runId, lateByMs: run?.lateByMs ?? null };
  }

  async function allVerdicts(taskId: string, fromAt: number, toAt: number): Promise<VerdictRecord[]> {
    const records: VerdictRecord[] = [];
    let from = fromAt;
    for (;;) {
      const page = await store.listVerdicts(taskId, from, toAt, { limit: 5_000, oldestFirst: true });
      records.push(...page);
      const last = page.at(-1);
      if (last === undefined || page.length < 5_000 || last.toAt >= toAt) return records;
      from = last.toAt;
    }
  }

  return {
    async slots(userId, taskId, { fromAt = 0, toAt = Number.MAX_SAFE_INTEGER, limit, cursor }) {
      await ownTask(store, userId, taskId);
      checkRange(fromAt, toAt);
      const before = cursor === undefined ? toAt : Math.min(toAt, decodeCursor(cursor));
      const records = await store.listVerdicts(taskId, fromAt, before, { limit: limit + 1 });
      const items = await Promise.all(records.slice(0, limit).map((record) => slotItem(taskId, record)));
      const last = items.at(-1);
      const more = records.length > limit && last !== undefined;
      return { items, nextCursor: more ? encodeCursor(last.plannedAt) : null } satisfies Page<SlotItem>;
    },

    async stats(userId, taskId, days) {
      const task = await ownTask(store, userId, taskId);
      const zone = scheduleZone(task.definition.schedule);
      const today = dayOf(clock.now(), zone);
      const wanted = Math.max(days, PUNCTUALITY_DAYS);
      // Noon avoids the hours that a DST change adds or takes at midnight.
      const noon = dayBounds(today, zone).fromAt + DAY_MS / 2;
      const firstOf = (n: number) => dayOf(noon - (n - 1) * DAY_MS, zone);
      const records = await store.listDays(taskId, firstOf(wanted));
      const shown = records.filter((record) => record.day >= firstOf(days));
      const recent = records.filter((record) => record.day >= firstOf(PUNCTUALITY_DAYS));
      return { days: shown.map(dayStats), punctuality: punctualityOf(recent) } satisfies StatsAnswer;
    },

    async audit(userId, taskId, range) {
      const task = await ownTask(store, userId, taskId);
      const segments = await store.listSegments(taskId);
      const bornAt = segments[0]?.fromAt ?? task.createdAt;
      const toAt = Math.min(range.toAt ?? task.cursorAt + 1, task.cursorAt + 1);
      // Folded days are whole days: nobody who names no beginning is given more than was asked for.
      const unfoldedAt = toAt > task.foldedThroughAt ? task.foldedThroughAt : 0;
      const fromAt = Math.max(
        range.fromAt ?? Math.max(unfoldedAt, toAt - DAY_MS),
        Math.min(bornAt, task.createdAt),
        Math.min(task.foldedThroughAt, countersFromAt(task)),
      );
      if (range.fromAt !== undefined && range.toAt !== undefined) checkRange(range.fromAt, range.toAt);
      if (fromAt >= toAt)
        return auditSlots({ segments: [], verdicts: [], fromAt, toAt: Math.max(fromAt, toAt) });
      if (fromAt >= task.foldedThroughAt) return auditKept(task, fromAt, toAt);
      const folded = await auditFolded(task, fromAt, toAt);
      return toAt <= task.foldedThroughAt
        ? folded
        : joinAudits(folded, await auditKept(task, task.foldedThroughAt, toAt));
    },
  };

  /** Of folded days before this instant the counters may be gone as well: there is nothing left to audit. */
  function countersFromAt(task: TaskRecord): number {
    const zone = scheduleZone(task.definition.schedule);
    return dayBounds(dayOf(clock.now() - KEPT_DAYS * DAY_MS, zone), zone).fromAt;
  }

  async function auditKept(task: TaskRecord, fromAt: number, toAt: number): Promise<Audit> {
    const segments = await store.listSegments(task.id);
    // By slots inside the interval: a range of skipped ones that only reaches into it may count 86,400.
    const planned = countPlanned(segments, fromAt, toAt, MOST_AUDITED + 1);
    refuseTooMany(planned);
    const verdicts = await allVerdicts(task.id, fromAt, toAt);
    refuseTooMany(verdicts.length);
    const input: AuditInput = { segments, verdicts, fromAt, toAt };
    return planned <= AUDITED_IN_LOOP ? auditSlots(input) : auditInThread(input);
  }

  /** Folded days are whole days: the interval is widened to them. */
  async function auditFolded(task: TaskRecord, fromAt: number, toAt: number): Promise<Audit> {
    const zone = scheduleZone(task.definition.schedule);
    const firstDay = dayOf(fromAt, zone);
    const endAt = Math.min(toAt, task.foldedThroughAt);
    const lastDay = dayOf(endAt - 1, zone);
    const days = (await store.listDays(task.id, firstDay)).filter((record) => record.day <= lastDay);
    const segments = await store.listSegments(task.id);
    const input = {
      segments,
      days,
      fromAt: dayBounds(firstDay, zone).fromAt,
      toAt: dayBounds(lastDay, zone).toAt,
    };
    refuseTooMany(countDays(days));
    return auditInThread(input);
  }
}

function refuseTooMany(slots: number): void {
  if (slots <= MOST_AUDITED) return;
  throw new AppError('RANGE_TOO_LARGE', {
    zh: `一次审计最多 ${MOST_AUDITED} 个时点，请缩短区间`,
    en: `one audit covers at most ${MOST_AUDITED} slots: ask for a shorter interval`,
  });
}

const countDays = (days: readonly DayRecord[]) =>
  sum(days.map(({ fired, caughtUp, skipped }) => fired + caughtUp + sum(Object.values(skipped))));

function checkRange(fromAt: number, toAt: number): void {
  if (fromAt < toAt) return;
  throw new AppError('RANGE_INVALID', { zh: 'fromAt 必须早于 toAt', en: 'fromAt must be before toAt' });
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

function dayStats(record: DayRecord): DayStats {
  const skipped = sum(Object.values(record.skipped));
  const { day, fired, caughtUp, succeeded, failed } = record;
  return {
    day: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`,
    planned: fired + caughtUp + skipped,
    onTime: sum(record.onTime),
    late: sum(record.late),
    caughtUp,
    skipped,
    succeeded,
    failed,
  };
}
