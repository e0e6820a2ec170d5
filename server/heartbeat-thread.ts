/**
 * The heartbeat thread: renews this process's leases on a connection of its own, and ends the process when a run is past
 * its deadline while the loop has given no sign of life for 15 s (nothing else could stop such a handler). An entry point
 * of its own, like main.ts: it opens its own store.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { hostClock, monotonicEpochMs } from './lib/clock.ts';
import { partitionOfId } from './store/ids.ts';
import { openStore } from './store/open-store.ts';
import type { RenewItem } from './store/requests.ts';
import type { Store } from './store/store.ts';
import type { HeartbeatData, LeaseNews } from './worker/heartbeat.ts';
import { createLeaseTable } from './worker/lease-table.ts';

const LOOP_SILENT_MS = 15_000;
/** A beat late by this says that the process did not run. (A slow renewal looks the same, and does no harm.) */
const PAUSED_MS = 5_000;

const data = workerData as HeartbeatData;
const table = createLeaseTable(data.memory);
let store: Store | null = null;
let starting: Promise<void> | null = null;

function connect(): Promise<void> {
  const opened = openStore({ redisUrl: data.redisUrl, keyPrefix: data.keyPrefix, dataDir: '' });
  return opened.start({ onWake() {}, onRollback() {}, onHealth() {} }).then(() => {
    store = opened;
  });
}

/** When this thread beat last, and since when it has been beating without a long pause. */
let beatAt = monotonicEpochMs();
let awakeFrom = beatAt;

async function beat(): Promise<void> {
  const nowMs = monotonicEpochMs();
  // This thread was stopped as well (SIGSTOP, a frozen machine): the loop gets its time anew.
  if (nowMs - beatAt > data.leaseMs / 4 + PAUSED_MS) awakeFrom = nowMs;
  beatAt = nowMs;
  const leases = table.read();
  const pastDeadline = leases.some((lease) => lease.deadlineAt < hostClock.now() + data.offsetMs);
  if (pastDeadline && nowMs - Math.max(table.aliveAt(), awakeFrom) > LOOP_SILENT_MS) {
    process.stderr.write(
      'zhundian: a run is past its deadline and the event loop has been silent for 15 s: ending the process\n',
    );
    process.kill(process.pid, 'SIGKILL');
  }
  if (data.redisUrl === null) return;
  if (store === null) {
    starting ??= connect().finally(() => {
      starting = null;
    });
    await starting;
  }
  const byPartition = new Map<number, RenewItem[]>();
  for (const lease of leases) {
    const partition = partitionOfId(lease.runId) ?? 0;
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), lease]);
  }
  const answers: LeaseNews[] = [];
  await Promise.all(
    [...byPartition].map(async ([partition, items]) => {
      const answered = await (store as Store).renewRuns(partition, items, data.leaseMs);
      for (const [index, answer] of answered.entries()) {
        if (answer.code !== 'renewed') answers.push({ ...answer, token: (items[index] as RenewItem).token });
      }
    }),
  );
  if (answers.length > 0) parentPort?.postMessage(answers);
}

let timer: NodeJS.Timeout;
function loop(): void {
  // Four beats a lease: three may be lost.
  timer = setTimeout(() => beat().then(loop, loop), data.leaseMs / 4);
}

parentPort?.on('message', () => {
  clearTimeout(timer);
  void Promise.resolve(store?.stop()).finally(() => process.exit(0));
});
loop();
