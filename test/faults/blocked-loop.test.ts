/** A handler that blocks the event loop for several leases keeps its run: the heartbeat renews from a thread of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { askedRunId, newTaskId } from '../../server/store/ids.ts';
import { newTask } from '../../server/tasks/task-changes.ts';
import { redisUrl } from '../helpers/redis.ts';
import { openEngine } from './support/open-engine.ts';
import { until } from './support/until.ts';

const LEASE_MS = 1_000;
const BLOCK_MS = 4_000;

test('a blocked loop keeps its lease', { skip: redisUrl() === null && 'needs redis' }, async (t) => {
  const url = redisUrl() as string;
  const keyPrefix = `blocked-${process.pid}-${Date.now()}`;
  const script = new URL('./support/blocking-worker.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, url, keyPrefix, String(LEASE_MS), String(BLOCK_MS)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await until('the worker process is up', () => lines.includes('ready'));

  // A second server sweeps beside it: if the lease ended, it would take the run over.
  const owner = 'blocked-owner';
  const taskId = newTaskId(owner);
  const runId = askedRunId(taskId, 'manual');
  const other = await openEngine({
    redisUrl: url,
    keyPrefix,
    leaseMs: LEASE_MS,
    actions: {
      run: async () => ({ kind: 'ok' }),
    },
  });
  t.after(() => other.close());
  const { store } = other;
  const definition = {
    name: 'blocks',
    schedule: { kind: 'every' as const, everyMs: 3_600_000, anchorAt: (await store.time()) - 1_000 },
    action: { kind: 'handler' as const, name: 'noop' },
    policy: {},
    requires: null,
    visibleTo: null,
  };
  await store.createTasks(owner, [newTask(taskId, definition, await store.time(), 'f')], 10);
  const policy = { overlap: 'skip' as const, priority: 0, timeoutMs: 60_000, lateAfterMs: 1_000 };
  const ask = (id: string) =>
    store.askRuns(
      taskId,
      [
        {
          id,
          taskId,
          trigger: 'manual',
          line: 'free',
          plannedAt: null,
          nominalAt: null,
          retryOf: null,
          policy,
        },
      ],
      10,
    );
  // Either server may claim a run; ask until the blocking one has one.
  let blocked = runId;
  for (let n = 0; n < 50 && !lines.includes('began 1'); n += 1) {
    blocked = askedRunId(taskId, 'manual');
    await ask(blocked);
    await until('the run has started', async () => (await store.getRun(blocked))?.startedAt != null);
    await until(
      'someone ran it',
      async () => lines.includes('began 1') || (await store.getRun(blocked))?.state === 'succeeded',
    );
  }
  assert.ok(lines.includes('began 1'), 'the blocking server got a run');
  await until('the blocked run ends', async () => (await store.getRun(blocked))?.state === 'succeeded');
  const run = await store.getRun(blocked);
  assert.equal(run?.attempts.length, 1, 'one attempt: never taken over');
  assert.equal(run?.attempts[0]?.outcome, 'succeeded');
  const [attempt] = run?.attempts ?? [];
  assert.ok(
    (attempt?.endedAt ?? 0) - (attempt?.startedAt ?? 0) >= BLOCK_MS,
    'it really blocked for several leases',
  );
  assert.equal(lines.filter((line) => line.startsWith('began')).length, 1);
});
