/**
 * The heartbeat thread: renews this process's leases on a connection of its own, and ends the process when a run is past
 * its deadline while the loop has given no sign of life for 15 s (nothing else could stop such a handler). An entry point
 * of its own, like main.ts: it opens its own store.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { hostClock, monotonicEpochMs } from './lib/clock.ts';
import { partitionOfId } from './store/ids.ts';
import { openStore } from './store/open-store.ts';
import type { RenewAnswer, RenewItem } from './store/requests.ts';
import type { Store } from './store/store.ts';
import type { HeartbeatData } from './worker/heartbeat.ts';
import { createLeaseTable } from './worker/lease-table.ts';

const LOOP_SILENT_MS = 15_000;

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

async function beat(): Promise<void> {
  const leases = table.read();
  const pastDeadline = leases.some((lease) => lease.deadlineAt < hostClock.now() + data.offsetMs);
  if (pastDeadline && monotonicEpochMs() - table.aliveAt() > LOOP_SILENT_MS) {
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
  const answers: RenewAnswer[] = [];
  await Promise.all(
    [...byPartition].map(async ([partition, items]) => {
      const answered = await (store as Store).renewRuns(partition, items, data.leaseMs);
      answers.push(...answered.filter((answer) => answer.code !== 'renewed'));
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
