/**
 * Keeps what is kept bounded and up to date: folds old verdicts into day counters, removes old runs and days, seals segments
 * that were planned with older zone or calendar data. Gentle: one task at a time.
 */
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { PARTITIONS } from '../store/ids.ts';
import type { TaskRecord } from '../store/records.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { KEPT_DAYS } from '../tasks/audit.ts';
import { dayBounds, dayOf, scheduleZone } from '../tasks/zone-day.ts';
import type { Presence } from './presence.ts';
import { sealTask } from './seal-task.ts';

export interface Keeper extends Part {
  /** One round over the tasks of this server's partitions. */
  runOnce(): Promise<{ verdicts: number; runs: number }>;
}

const DAY_MS = 86_400_000;
/** Verdict records kept of a task, about: folding goes by whole days. */
const KEPT_VERDICTS = 100_000;
const ROUND_EVERY_MS = 3_600_000;
const FIRST_ROUND_AFTER_MS = 60_000;
const TASKS_A_SLICE = 100;

export function createKeeper(deps: {
  store: Store;
  clock: Clock;
  presence: Presence;
  logger: Logger;
}): Keeper {
  const { store, clock, presence, logger } = deps;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let round: Promise<unknown> = Promise.resolve();

  async function keep(task: TaskRecord): Promise<{ verdicts: number; runs: number }> {
    const now = clock.now();
    const zone = scheduleZone(task.definition.schedule);
    const oldestDay = dayOf(now - KEPT_DAYS * DAY_MS, zone);
    const { records, oldestAt } = await store.countVerdicts(task.id);
    let foldAt = dayBounds(oldestDay, zone).fromAt;
    // Too many for their age: everything before today goes into counters.
    if (records > KEPT_VERDICTS) foldAt = Math.max(foldAt, dayBounds(dayOf(now, zone), zone).fromAt);
    if (oldestAt === null || oldestAt >= foldAt) foldAt = 0;
    const total = { verdicts: 0, runs: 0 };
    for (;;) {
      const pruned = await store.pruneTask(task.id, {
        foldAt,
        keepDay: oldestDay,
        // Kept as long as the counters: they are what folded days are audited against.
        segmentsBeforeAt: dayBounds(oldestDay, zone).fromAt,
        runsBeforeAt: now - KEPT_DAYS * DAY_MS,
      });
      total.verdicts += pruned.verdicts;
      total.runs += pruned.runs;
      if (pruned.runs < 500) return total;
    }
  }

  async function runOnce(): Promise<{ verdicts: number; runs: number }> {
    const total = { verdicts: 0, runs: 0 };
    let sealed = 0;
    for (let partition = 0; partition < PARTITIONS && !stopped; partition += 1) {
      if (!presence.owns(partition)) continue;
      let after: string | null = null;
      for (;;) {
        const tasks: TaskRecord[] = await store.scanTasks(partition, after, TASKS_A_SLICE);
        for (const task of tasks) {
          if (stopped) return total;
          try {
            if (await sealTask(store, task)) sealed += 1;
            const kept = await keep(task);
            total.verdicts += kept.verdicts;
            total.runs += kept.runs;
          } catch (error) {
            if (error instanceof StoreUnavailableError) throw error;
            logger.warn(
              { err: error, taskId: task.id },
              'a task could not be brought up to date (history, segment); the others go on',
            );
          }
        }
        after = tasks.at(-1)?.id ?? null;
        if (tasks.length < TASKS_A_SLICE) break;
      }
    }
    if (sealed > 0) logger.info({ sealed }, 'segments go on with the zone and calendar data of this server');
    return total;
  }

  function later(inMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      round = runOnce()
        .then(
          (total) => logger.debug(total, 'history folded and pruned'),
          (error: unknown) =>
            logger.warn({ err: error }, 'folding and pruning stopped early; tried again in an hour'),
        )
        .then(() => later(ROUND_EVERY_MS));
    }, inMs);
    timer.unref();
  }

  return {
    runOnce,
    async start() {
      later(FIRST_ROUND_AFTER_MS);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await round;
    },
  };
}
