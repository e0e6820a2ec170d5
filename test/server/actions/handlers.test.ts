import assert from 'node:assert/strict';
import test from 'node:test';
import type { ActionContext, ActionHttpAnswer } from '../../../server/actions/action.ts';
import { createActions } from '../../../server/actions/registry.ts';
import { handlers } from '../../../server/handlers/index.ts';
import type { HandlerPorts, SyncPort, SyncRecord } from '../../../server/handlers/ports.ts';
import type { JsonValue } from '../../../shared/task.ts';
import { recordedContext } from './loopback.ts';

/** A SyncPort as `ports.ts` describes it, in memory. */
function memorySync(): SyncPort & {
  kept: () => { record: SyncRecord; items: Record<string, JsonValue> } | undefined;
} {
  const lists = new Map<string, { record: SyncRecord; items: Record<string, JsonValue> }>();
  return {
    kept: () => [...lists.values()][0],
    load: async (userId, taskId) => structuredClone(lists.get(`${userId}/${taskId}`)?.record ?? null),
    async save(userId, taskId, expectedRevision, next, items) {
      const record = lists.get(`${userId}/${taskId}`)?.record;
      if ((record?.revision ?? 0) !== expectedRevision) return false;
      if (record?.runId === next.runId && record.fence > next.fence) return false;
      lists.set(`${userId}/${taskId}`, structuredClone({ record: next, items }));
      return true;
    },
  };
}

interface Bench {
  run(
    name: string,
    input: JsonValue,
    context?: Partial<ActionContext>,
  ): ReturnType<ReturnType<typeof createActions>['run']>;
  sync: ReturnType<typeof memorySync>;
  answer: Partial<ActionHttpAnswer>;
  /** Called while the list is being pulled. */
  meanwhile: () => Promise<unknown> | undefined;
}

function bench(history: HandlerPorts['history'] = { prune: async () => ({ runs: 0 }) }): Bench {
  const sync = memorySync();
  const self: Bench = {
    sync,
    answer: {},
    meanwhile: () => undefined,
    run: (name, input, context) => actions.run({ kind: 'handler', name, input }, recordedContext(context)),
  };
  const http = {
    checkUrl: () => null,
    async request() {
      const answer = {
        status: 200,
        headers: { 'content-type': 'application/json' },
        text: '[]',
        elapsedMs: 1,
        ...self.answer,
      };
      await self.meanwhile();
      return answer;
    },
  };
  const actions = createActions({ http, handlers, ports: { sync, history } });
  return self;
}

const FROM = { from: 'https://example.com/list' };
const items = (...list: JsonValue[]) => ({ text: JSON.stringify(list) });

test('noop waits, logs, counts its progress and answers', async () => {
  const { run } = bench();
  const context = recordedContext({ attempt: 2 });
  const outcome = await run('noop', { waitMs: 20, log: 'hello' }, context);
  assert.equal(outcome.kind, 'ok');
  const { attempt, waitedMs } = outcome.result as { attempt: number; waitedMs: number };
  assert.equal(attempt, 2);
  assert.ok(waitedMs >= 19, `${waitedMs}`);
  assert.deepEqual(context.lines, [{ text: 'hello', level: 'info' }]);
  assert.deepEqual(context.percents, [0, 100]);
});

test('noop fails the first attempts, and an abort ends its wait with the reason', async () => {
  const { run } = bench();
  await assert.rejects(run('noop', { failTimes: 2 }, { attempt: 2 }), /attempt 2 fails as asked/);
  assert.equal((await run('noop', { failTimes: 2 }, { attempt: 3 })).kind, 'ok');
  const controller = new AbortController();
  const reason = new Error('the deadline');
  const progress = () => controller.abort(reason);
  const waiting = run('noop', { waitMs: 600_000 }, { signal: controller.signal, progress });
  await assert.rejects(waiting, (error) => error === reason);
  const bad: JsonValue[] = [{ waitMs: 600_001 }, { waitMs: -1 }, { failTimes: 0.5 }, { wait: 1 }];
  for (const input of bad) {
    assert.equal((await run('noop', input)).kind, 'fail', JSON.stringify(input));
  }
});

test('dataSync reports what changed since the last run', async () => {
  const b = bench();
  const runOnce = (runId: string) => b.run('dataSync', FROM, { runId });
  const report = (added: number, changed: number, removed: number, total: number) => ({
    kind: 'ok',
    result: { added, changed, removed, total },
  });
  b.answer = items({ id: 1, a: 1, b: 2 }, { id: '2' }, { id: '__proto__' });
  assert.deepEqual(await runOnce('r1'), report(3, 0, 0, 3));
  b.answer = items({ id: '2' }, { b: 2, a: 1, id: 1 }, { id: '__proto__' });
  assert.deepEqual(await runOnce('r2'), report(0, 0, 0, 3), 'neither order of items nor of keys is a change');
  b.answer = items({ id: 1, a: 9, b: 2 }, { id: 3 }, { id: 'constructor' });
  assert.deepEqual(await runOnce('r3'), report(2, 1, 2, 3));
  assert.deepEqual(b.sync.kept()?.items[1], { id: 1, a: 9, b: 2 });
});

test('dataSync: an attempt that saved and then was lost is repeated with the right report', async () => {
  const b = bench();
  b.answer = items({ id: 1 });
  await b.run('dataSync', FROM, { runId: 'r1', fence: 1 });
  b.answer = items({ id: 1, new: true }, { id: 2 });
  const first = await b.run('dataSync', FROM, { runId: 'r2', attempt: 1, fence: 2 });
  const again = await b.run('dataSync', FROM, { runId: 'r2', attempt: 2, fence: 3 });
  assert.deepEqual(again, first);
  assert.deepEqual(again.kind === 'ok' && again.result, { added: 1, changed: 1, removed: 0, total: 2 });
  b.answer = items({ id: 2 });
  const later = await b.run('dataSync', FROM, { runId: 'r2', attempt: 3, fence: 4 });
  assert.deepEqual(later.kind === 'ok' && later.result, { added: 1, changed: 0, removed: 1, total: 1 });
  await assert.rejects(b.run('dataSync', FROM, { runId: 'r2', fence: 3 }), /newer attempt/);
});

test('dataSync: of two attempts at once, the one that saves second changes nothing', async () => {
  const b = bench();
  b.answer = items({ id: 1 });
  b.meanwhile = () => {
    b.meanwhile = () => undefined;
    return b.run('dataSync', FROM, { runId: 'r1', fence: 2 });
  };
  await assert.rejects(b.run('dataSync', FROM, { runId: 'r1', fence: 1 }), /another run saved/);
  assert.equal(b.sync.kept()?.record.fence, 2);
});

test('dataSync refuses what it cannot keep, and keeps what it had', async () => {
  const b = bench();
  b.answer = items({ id: 1 });
  await b.run('dataSync', FROM, { runId: 'r1' });
  const cases: [Bench['answer'], kind: string, code: string][] = [
    [{ status: 500 }, 'retry', 'HTTP_STATUS'],
    [{ text: '<html>' }, 'retry', 'HTTP_NOT_JSON'],
    [{ text: '{"data":1}' }, 'retry', 'HTTP_VALUE'],
    [items({ id: 1 }, { id: '1' }), 'retry', 'HTTP_VALUE'],
    [items({ name: 'x' }), 'retry', 'HTTP_VALUE'],
    [items({ id: '' }), 'retry', 'HTTP_VALUE'],
    [items({ id: 'x'.repeat(201) }), 'retry', 'HTTP_VALUE'],
    [items(...Array.from({ length: 2001 }, (_, id) => ({ id }))), 'fail', 'HTTP_TOO_LARGE'],
    [items({ id: 1, text: 'x'.repeat(1_048_576) }), 'fail', 'HTTP_TOO_LARGE'],
  ];
  for (const [answer, kind, code] of cases) {
    b.answer = answer;
    const outcome = await b.run('dataSync', FROM, { runId: 'r2' });
    assert.deepEqual([outcome.kind, outcome.kind !== 'ok' && outcome.error.code], [kind, code]);
  }
  assert.equal(b.sync.kept()?.record.runId, 'r1');
  const bad: JsonValue[] = [
    {},
    { from: 'ftp://a.b/' },
    { ...FROM, idPath: 'id' },
    { ...FROM, itemsPath: '$[' },
  ];
  for (const input of bad) {
    assert.equal((await b.run('dataSync', input)).kind, 'fail', JSON.stringify(input));
  }
});

test('dataSync reads nested lists and ids; two thousand items are kept', async () => {
  const b = bench();
  b.answer = {
    text: JSON.stringify({ data: { rows: Array.from({ length: 2000 }, (_, n) => ({ key: [n] })) } }),
  };
  const outcome = await b.run('dataSync', { ...FROM, itemsPath: '$.data.rows', idPath: '$.key[0]' });
  assert.deepEqual(outcome.kind === 'ok' && outcome.result, {
    added: 2000,
    changed: 0,
    removed: 0,
    total: 2000,
  });
});

test('pruneHistory prunes its owner’s history and passes the signal on', async () => {
  const calls: unknown[] = [];
  const controller = new AbortController();
  const { run } = bench({
    prune: async (userId, days, signal) => {
      calls.push([userId, days, signal === controller.signal]);
      return { runs: 12 };
    },
  });
  const outcome = await run('pruneHistory', { days: 30 }, { userId: 'me', signal: controller.signal });
  assert.deepEqual(outcome, { kind: 'ok', result: { runs: 12 } });
  assert.deepEqual(calls, [['me', 30, true]]);
  for (const days of [0, 3651, 1.5, '30']) assert.equal((await run('pruneHistory', { days })).kind, 'fail');
});
