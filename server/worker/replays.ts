/**
 * What this server executed and the store no longer knows, after the store lost acknowledged writes: the slot is decided
 * again, or the run claimed again, under the same run id. Each server looks up what it began or ended itself, so that
 * together they count every repeat once, whoever makes it. A server that died with the store counts nothing.
 */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { partitionOfId, taskIdOfRun } from '../store/ids.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** Lost writes are as old as a replica's lag plus the time until it is noticed (4 s at most, redis-store.ts). */
const KEPT_MS = 60_000;
/** Begins and ends remembered, about 4 MB; at 4,000 runs a second the last 4 s. */
const MOST_KEPT = 32_768;
/** Run ids in the log line; the number beside them counts all. */
const NAMED = 20;
/** Runs asked for at once. */
const ASKED_AT_ONCE = 20;
const REPEAT_AFTER_MS = 500;

interface Executed {
  fence: number;
  /** When it was claimed, or its end was acknowledged. */
  at: number;
  hasEnded: boolean;
}

export interface Replays {
  /** A claim was answered. */
  began(run: ClaimedRun): void;
  /** A finish was acknowledged. */
  ended(runId: string, fence: number): void;
  /** Counts as soon as the store answers. */
  onRollback(partition: number): void;
  /** Counts and tells what is made again; rejects when the store does not answer. */
  count(partition: number): Promise<number>;
}

export function createReplays(deps: {
  store: Pick<Store, 'getRun' | 'getTask'>;
  clock: Clock;
  logger: Logger;
}): Replays {
  const { store, clock, logger } = deps;
  // A ring, because this happens twice a run: an object each would be a tenth of a burst's garbage, and live long.
  const runIds = new Array<string>(MOST_KEPT).fill('');
  const fences = new Float64Array(MOST_KEPT);
  const ats = new Float64Array(MOST_KEPT);
  const ends = new Uint8Array(MOST_KEPT);
  let next = 0;
  let total = 0;

  function keep(runId: string, fence: number, hasEnded: boolean): void {
    runIds[next] = runId;
    fences[next] = fence;
    ats[next] = clock.now();
    ends[next] = hasEnded ? 1 : 0;
    next = (next + 1) % MOST_KEPT;
  }

  /** What was last remembered of each run, the newest first. */
  function latest(): Map<string, Executed> {
    const found = new Map<string, Executed>();
    for (let back = 1; back <= MOST_KEPT; back += 1) {
      const at = (next + MOST_KEPT - back) % MOST_KEPT;
      const runId = runIds[at] as string;
      if (runId === '' || found.has(runId)) continue;
      found.set(runId, { fence: fences[at] as number, at: ats[at] as number, hasEnded: ends[at] === 1 });
    }
    return found;
  }

  async function isMadeAgain(runId: string, { fence, hasEnded }: Executed): Promise<boolean> {
    const record = await store.getRun(runId);
    if (record !== null) {
      const attempt = record.attempts.find((one) => one.fence === fence);
      return attempt === undefined || (hasEnded && attempt.endedAt === null);
    }
    // A slot is decided again; what a person asked for is not asked again. A task that was deleted fires nothing.
    return /:\d+$/.test(runId) && (await store.getTask(taskIdOfRun(runId))) !== null;
  }

  async function count(partition: number): Promise<number> {
    const since = clock.now() - KEPT_MS;
    const suspects = [...latest()]
      .reverse()
      .filter(
        ([runId, { at, hasEnded }]) => partitionOfId(runId) === partition && (at >= since || !hasEnded),
      );
    const again: string[] = [];
    for (let from = 0; from < suspects.length; from += ASKED_AT_ONCE) {
      const some = suspects.slice(from, from + ASKED_AT_ONCE);
      const found = await Promise.all(some.map(([runId, entry]) => isMadeAgain(runId, entry)));
      again.push(...some.filter((_, index) => found[index]).map(([runId]) => runId));
    }
    if (again.length === 0) return 0;
    // Told once: a second loss looks at what was executed since.
    const told = new Set(again);
    for (let at = 0; at < MOST_KEPT; at += 1) if (told.has(runIds[at] as string)) runIds[at] = '';
    total += again.length;
    logger.error(
      { partition, replayed: again.length, replayedInAll: total, runIds: again.slice(0, NAMED) },
      'runs are made again: the store lost that they had begun or ended',
    );
    return again.length;
  }

  /** What is asked for too late is of no use, and a stopped store answers no more. */
  function countUntil(partition: number, untilAt: number): void {
    count(partition).catch(() => {
      if (clock.now() < untilAt) setTimeout(countUntil, REPEAT_AFTER_MS, partition, untilAt).unref();
    });
  }

  return {
    count,
    onRollback: (partition) => countUntil(partition, clock.now() + KEPT_MS),
    began: ({ runId, fence }) => keep(runId, fence, false),
    ended: (runId, fence) => keep(runId, fence, true),
  };
}
