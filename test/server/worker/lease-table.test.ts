/** Leases in shared memory: written by one thread, read whole by another. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createLeaseTable, type LeaseRow, leaseMemory } from '../../../server/worker/lease-table.ts';

const lease = (n: number): LeaseRow => ({
  runId: `0faaaaaaaaaaaaaaaa:manual:${String(n).padStart(16, 'a')}`,
  token: n.toString(16).padStart(32, '0'),
  fence: 1_800_000_000_000 * 1_024 + n,
  deadlineAt: 1_800_000_000_000 + n,
});
const byRun = (rows: LeaseRow[]) => rows.toSorted((a, b) => (a.runId < b.runId ? -1 : 1));

test('what is added is read, what is removed is not, and rows are used again', () => {
  const table = createLeaseTable(leaseMemory(3));
  assert.deepEqual(table.read(), []);
  const rows = [0, 1, 2].map((n) => table.add(lease(n)));
  assert.deepEqual(byRun(table.read()), [lease(0), lease(1), lease(2)]);
  assert.throws(() => table.add(lease(3)), /more leases than rows/);
  table.remove(rows[1] as number);
  assert.deepEqual(byRun(table.read()), [lease(0), lease(2)]);
  assert.equal(table.add(lease(4)), rows[1]);
  assert.deepEqual(byRun(table.read()), [lease(0), lease(2), lease(4)]);
});

test('the same memory shows the same leases to another table, and when the loop was alive', () => {
  const written = createLeaseTable(leaseMemory(2));
  const read = createLeaseTable(written.memory);
  written.add(lease(7));
  assert.deepEqual(read.read(), [lease(7)]);
  assert.equal(read.aliveAt(), 0);
  written.alive(1_234.5);
  assert.equal(read.aliveAt(), 1_234.5);
});

test('a shorter id in a used row leaves nothing of the longer one', () => {
  const table = createLeaseTable(leaseMemory(1));
  table.remove(table.add(lease(1)));
  const short = { runId: '00a:1', token: 'b', fence: 1, deadlineAt: 2 };
  table.add(short);
  assert.deepEqual(table.read(), [short]);
});

/** Reads without a pause and checks that every lease is whole: run, token, fence and deadline carry one number. */
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  import(workerData.module).then(({ createLeaseTable }) => {
    const table = createLeaseTable(workerData.memory);
    const stop = new Int32Array(workerData.stop);
    const found = { leases: 0, torn: 0, example: null };
    const seen = new Set();
    parentPort.postMessage('reading');
    while (Atomics.load(stop, 0) === 0) {
      for (const { runId, token, fence, deadlineAt } of table.read()) {
        const n = Number.parseInt(token, 16);
        found.leases += 1;
        if (runId === workerData.fixed) { seen.add(fence); continue; }
        const whole = fence === workerData.fence + n && deadlineAt === workerData.deadline + n
          && runId.endsWith('a' + n) && token.length === 32;
        if (!whole) { found.torn += 1; found.example ??= { runId, token, fence, deadlineAt }; }
      }
    }
    parentPort.postMessage({ ...found, fixed: [...seen] });
  });
`;

test('a real thread reads only whole leases while the loop writes', async () => {
  const table = createLeaseTable(leaseMemory(2));
  const stop = new SharedArrayBuffer(4);
  const fixed = { runId: '00fixed:1', token: 'f', fence: 42, deadlineAt: 43 };
  table.add(fixed);
  const module = new URL('../../../server/worker/lease-table.js', import.meta.url).href;
  const workerData = {
    module,
    memory: table.memory,
    stop,
    fixed: fixed.runId,
    fence: lease(0).fence,
    deadline: lease(0).deadlineAt,
  };
  const reader = new Worker(READER, { eval: true, workerData });
  await once(reader, 'message');
  const ended = once(reader, 'message');
  let n = 1;
  for (let bursts = 0; bursts < 200; bursts += 1) {
    for (let k = 0; k < 2_000; k += 1) table.remove(table.add(lease(n++)));
    // One stays for a turn, so that the reader meets leases that stand as well as those that change.
    const row = table.add(lease(n++));
    await turn();
    table.remove(row);
  }
  Atomics.store(new Int32Array(stop), 0, 1);
  const [found] = await ended;
  assert.deepEqual([found.torn, found.example], [0, null]);
  assert.ok(found.leases > 100, `only ${found.leases} leases read`);
  assert.deepEqual(found.fixed, [42], 'a lease that stands is always there');
  await reader.terminate();
});
