import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { MAX_RETRY_AFTER_MS, ok, retryAfter } from '../../../server/actions/action.ts';
import { createActions } from '../../../server/actions/registry.ts';
import { defineHandler, type HandlerContext } from '../../../server/handlers/define-handler.ts';
import { handlers } from '../../../server/handlers/index.ts';
import type { HandlerPorts } from '../../../server/handlers/ports.ts';
import type { Action } from '../../../shared/task.ts';
import { guardedHttp, recordedContext, serveHttp } from './loopback.ts';

const ports: HandlerPorts = {
  sync: { load: async () => null, save: async () => true },
  history: { prune: async () => ({ runs: 0 }) },
};
const words = { zh: '试', en: 'try' };

/** A handler named `probe` around one function. */
const probe = (run: (ctx: HandlerContext) => Promise<unknown>) =>
  defineHandler({
    name: 'probe',
    title: words,
    description: words,
    input: z.strictObject({ n: z.int().max(9).default(1), tags: z.array(z.string()).default([]) }),
    run: (_input, ctx) => run(ctx) as never,
  });

test('an action is checked when it is created', (t) => {
  const actions = createActions({
    http: guardedHttp(t, ['127.0.0.1:3001']),
    handlers: [probe(async () => ok())],
    ports,
  });
  const check = (action: unknown) =>
    actions.checkAction(action as Action).map(({ code, path }) => `${code} ${path}`);
  const http = { kind: 'http', url: 'https://example.com/' };

  assert.deepEqual(check(http), []);
  assert.deepEqual(check({ ...http, url: 'http://127.0.0.1:3001/demo' }), []);
  assert.deepEqual(check({ ...http, url: 'http://127.0.0.1:3002/demo' }), ['ADDRESS_FORBIDDEN action.url']);
  assert.deepEqual(check({ ...http, headers: { 'X-Key': 'a', authorization: '***' } }), []);
  assert.deepEqual(
    check({ ...http, headers: { 'a b': 'x', Host: 'x', 'X-Key': '准', 'x-zhundian-run': 'x' } }),
    [
      'ACTION_UNSUPPORTED action.headers',
      'ACTION_UNSUPPORTED action.headers.Host',
      'ACTION_UNSUPPORTED action.headers.X-Key',
      'ACTION_UNSUPPORTED action.headers.x-zhundian-run',
    ],
  );
  assert.deepEqual(
    check({
      ...http,
      expect: {
        json: [
          { path: '$.a', equals: 1 },
          { path: '$..a', equals: 1 },
        ],
      },
    }),
    ['ACTION_UNSUPPORTED action.expect.json.1.path'],
  );

  assert.deepEqual(check({ kind: 'handler', name: 'probe' }), []);
  assert.deepEqual(check({ kind: 'handler', name: 'nobody' }), ['HANDLER_UNKNOWN action.name']);
  assert.deepEqual(check({ kind: 'handler', name: 'constructor' }), ['HANDLER_UNKNOWN action.name']);
  assert.deepEqual(check({ kind: 'handler', name: 'probe', input: { n: 10, tags: ['a', 1] } }), [
    'HANDLER_INPUT_INVALID action.input.n',
    'HANDLER_INPUT_INVALID action.input.tags.1',
  ]);
  for (const input of [{ other: 1 }, [], 'text', null]) {
    const expected = input === null ? [] : ['HANDLER_INPUT_INVALID action.input'];
    assert.deepEqual(check({ kind: 'handler', name: 'probe', input }), expected, JSON.stringify(input));
  }
  for (const kind of ['message', 'cloudFunction', 'other']) {
    assert.deepEqual(check({ kind }), ['ACTION_UNSUPPORTED action.kind']);
  }
  const [problem] = actions.checkAction({ kind: 'handler', name: 'probe', input: { n: 10 } });
  assert.match(problem!.message.zh, /[\u4e00-\u9fff]/);
  assert.doesNotMatch(problem!.message.en, /[\u4e00-\u9fff]/);
});

test('an address that a handler is given is judged when the task is made', (t) => {
  const actions = createActions({ http: guardedHttp(t, ['127.0.0.1:3001']), handlers, ports });
  const check = (from: string) =>
    actions
      .checkAction({ kind: 'handler', name: 'dataSync', input: { from } })
      .map(({ code, path }) => `${code} ${path}`);
  assert.deepEqual(check('https://example.com/list'), []);
  assert.deepEqual(check('http://127.0.0.1:3001/list'), []);
  assert.deepEqual(check('http://169.254.169.254/latest'), ['ADDRESS_FORBIDDEN action.input.from']);
  assert.deepEqual(check('http://[::1]:8080/'), ['ADDRESS_FORBIDDEN action.input.from']);
  assert.deepEqual(check('no address'), ['HANDLER_INPUT_INVALID action.input.from']);
});

test('the catalogue shows each handler with its input as JSON Schema', (t) => {
  const actions = createActions({ http: guardedHttp(t, []), handlers, ports });
  assert.deepEqual(
    actions.handlers.map(({ name }) => name),
    ['noop', 'dataSync', 'pruneHistory'],
  );
  for (const { input, title, description } of actions.handlers) {
    assert.equal((input as { type: string }).type, 'object');
    assert.ok(title.zh && title.en && description.zh && description.en);
  }
});

test('two handlers of one name, and a bad name, stop the start', (t) => {
  const one = probe(async () => ok());
  assert.throws(() => createActions({ http: guardedHttp(t, []), handlers: [one, one], ports }), TypeError);
  assert.throws(() => defineHandler({ ...one, name: 'not a name', run: async () => ok() }), TypeError);
});

test('a run of an action that this server does not know', async (t) => {
  const actions = createActions({ http: guardedHttp(t, []), handlers: [], ports });
  const message = await actions.run({ kind: 'message' } as unknown as Action, recordedContext());
  assert.equal(message.kind === 'fail' && message.error.code, 'ACTION_UNSUPPORTED');
  const handler = await actions.run({ kind: 'handler', name: 'probe' }, recordedContext());
  assert.equal(handler.kind === 'retry' && handler.error.code, 'HANDLER_UNKNOWN');
});

test('a handler gets its input read by its schema, the ports and the attempt', async (t) => {
  const seen: unknown[] = [];
  const handler = defineHandler({
    name: 'probe',
    title: words,
    description: words,
    input: z.strictObject({ n: z.int().default(7) }),
    run: async ({ n }, ctx) => {
      seen.push(n, ctx.runId, ctx.sync === ports.sync, ctx.history === ports.history);
      return undefined;
    },
  });
  const actions = createActions({ http: guardedHttp(t, []), handlers: [handler], ports });
  const context = recordedContext();
  assert.deepEqual(await actions.run({ kind: 'handler', name: 'probe' }, context), { kind: 'ok' });
  assert.deepEqual(seen, [7, context.runId, true, true]);
  const bad = await actions.run({ kind: 'handler', name: 'probe', input: { n: 'x' } }, context);
  assert.equal(bad.kind === 'fail' && bad.error.code, 'HANDLER_INPUT_INVALID');
});

test('what a handler answers or throws', async (t) => {
  const target = await serveHttp(t, (req) => req.socket.destroy());
  const http = guardedHttp(t, [target.host]);
  const run = (body: (ctx: HandlerContext) => Promise<unknown>) =>
    createActions({ http, handlers: [probe(body)], ports }).run(
      { kind: 'handler', name: 'probe' },
      recordedContext(),
    );
  const error = { code: 'MINE', message: 'not yet' };
  assert.deepEqual(await run(async () => ok({ a: 1 })), { kind: 'ok', result: { a: 1 } });
  assert.deepEqual(await run(async () => retryAfter(error, 1e12)), {
    kind: 'retry',
    error,
    afterMs: MAX_RETRY_AFTER_MS,
  });
  for (const answer of [null, 1, {}, { kind: 'done' }])
    await assert.rejects(
      run(async () => answer),
      TypeError,
    );
  await assert.rejects(
    run(() => Promise.reject(new Error('mine'))),
    { message: 'mine' },
  );
  const away = await run((ctx) => ctx.http.request({ url: target.url }));
  assert.equal(away.kind === 'retry' && away.error.code, 'HTTP_UNREACHABLE');
  const forbidden = await run((ctx) => ctx.http.request({ url: 'http://localhost/' }));
  assert.equal(forbidden.kind === 'fail' && forbidden.error.code, 'HTTP_ADDRESS_FORBIDDEN');
});

test('a handler’s call ends with its attempt, even with a signal of its own', async (t) => {
  const controller = new AbortController();
  const reason = new Error('the deadline');
  const target = await serveHttp(t, () => controller.abort(reason));
  const body = (own?: AbortSignal) => (ctx: HandlerContext) =>
    ctx.http.request({ url: target.url, signal: own });
  for (const own of [undefined, new AbortController().signal]) {
    const actions = createActions({
      http: guardedHttp(t, [target.host]),
      handlers: [probe(body(own))],
      ports,
    });
    const context = recordedContext({ signal: controller.signal });
    await assert.rejects(
      actions.run({ kind: 'handler', name: 'probe' }, context),
      (error) => error === reason,
    );
  }
});
