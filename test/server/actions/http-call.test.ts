import assert from 'node:assert/strict';
import test from 'node:test';
import { httpCall, judgeAnswer, retryAfterMs } from '../../../server/actions/http-call.ts';
import type { HttpAction } from '../../../shared/task.ts';
import { guardedHttp, recordedContext, serveHttp } from './loopback.ts';

const answerOf = (status: number, headers: Record<string, string> = {}) => ({
  status,
  headers,
  text: '',
  elapsedMs: 9,
});

test('the receiver is told which run calls, and the owner cannot say otherwise', async (t) => {
  const target = await serveHttp(t, (req, res) => {
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(req.headers));
  });
  const http = guardedHttp(t, [target.host], { userAgent: 'zhundian/1.2.3' });
  const context = recordedContext({ attempt: 2 });
  const headers = {
    'Idempotency-Key': 'mine',
    'X-ZHUNDIAN-Run': 'mine',
    Host: 'mine',
    Authorization: 'Bearer s',
  };
  const outcome = await httpCall({ kind: 'http', url: target.url, headers }, context, http);
  assert.equal(outcome.kind, 'ok');
  const seen = outcome.result as Record<string, string>;
  assert.equal(seen['idempotency-key'], context.runId);
  assert.equal(seen['x-zhundian-task'], context.taskId);
  assert.equal(seen['x-zhundian-run'], context.runId);
  assert.equal(seen['x-zhundian-attempt'], '2');
  assert.equal(seen['x-zhundian-fence'], '5');
  assert.equal(seen['x-zhundian-planned-at'], '1700000000000');
  assert.equal(seen['x-zhundian-late-by'], '3');
  assert.equal(seen['user-agent'], 'zhundian/1.2.3');
  assert.equal(seen.authorization, 'Bearer s');
  assert.equal(seen.host, target.host);
});

test('the result is the JSON value itself, or the beginning of another answer', async (t) => {
  const answers: Record<string, [type: string, body: string]> = {
    '/json': ['application/json; charset=utf-8', '{"a":[1]}'],
    '/problem': ['application/problem+json', 'null'],
    '/html': ['text/html', ' {"errcode":0}'],
    '/number': ['text/plain', '42'],
    '/broken': ['application/json', '{"a":'],
    '/long': ['text/plain', 'x'.repeat(5000)],
  };
  const target = await serveHttp(t, (req, res) => {
    const [type, body] = answers[req.url!]!;
    res.setHeader('content-type', type).end(body);
  });
  const http = guardedHttp(t, [target.host]);
  const resultOf = async (path: string) => {
    const outcome = await httpCall({ kind: 'http', url: target.url + path }, recordedContext(), http);
    assert.equal(outcome.kind, 'ok');
    return outcome.result as { status: number; elapsedMs: number; text: string };
  };
  assert.deepEqual(await resultOf('/json'), { a: [1] });
  assert.equal(await resultOf('/problem'), null);
  assert.deepEqual(await resultOf('/html'), { errcode: 0 });
  for (const [path, text] of [
    ['/number', '42'],
    ['/broken', '{"a":'],
    ['/long', 'x'.repeat(1024)],
  ] as const) {
    const result = await resultOf(path);
    assert.deepEqual([result.status, result.text, typeof result.elapsedMs], [200, text, 'number']);
  }
});

test('one line is logged, and neither it nor an error repeats a secret', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.writeHead(500).end('{"password":"body-secret"}'));
  const http = guardedHttp(t, [target.host]);
  const context = recordedContext();
  const action: HttpAction = {
    kind: 'http',
    method: 'POST',
    url: `${target.url}/hook?key=query-secret#hash-secret`,
    headers: { authorization: 'header-secret' },
    body: 'sent-secret',
  };
  const outcome = await httpCall(action, context, http);
  assert.equal(outcome.kind, 'retry');
  assert.deepEqual(outcome.error, { code: 'HTTP_STATUS', message: 'status 500, expected 200–299' });
  assert.equal(context.lines.length, 1);
  assert.match(context.lines[0]!.text, new RegExp(`^POST ${target.url}/hook → 500 in \\d+ ms$`));
  assert.equal(context.lines[0]!.level, 'warn');
});

test('expectations are judged in the order status, time, values', () => {
  const json = { ok: true, n: 1, list: [{ s: 'x' }] };
  const code = (status: number, expect: HttpAction['expect'], value: typeof json | undefined = json) =>
    judgeAnswer(answerOf(status), value, expect ?? {})?.code;
  assert.equal(code(204, undefined), undefined);
  assert.equal(code(199, {}), 'HTTP_STATUS');
  assert.equal(code(300, {}), 'HTTP_STATUS');
  assert.equal(code(404, { status: [200, 404] }), undefined);
  assert.equal(code(200, { status: [404], maxMs: 1 }), 'HTTP_STATUS');
  assert.equal(code(200, { maxMs: 8, json: [{ path: '$.ok', equals: false }] }), 'HTTP_SLOW');
  assert.equal(code(200, { maxMs: 9 }), undefined);
  const values = [
    { path: '$.ok', equals: true },
    { path: '$.list[0].s', equals: 'x' },
  ];
  assert.equal(code(200, { json: values }), undefined);
  assert.equal(code(200, { json: [...values, { path: '$.n', equals: '1' }] }), 'HTTP_VALUE');
  assert.equal(code(200, { json: [{ path: 'n', equals: 1 }] }), 'HTTP_VALUE');
  assert.equal(judgeAnswer(answerOf(200), undefined, { json: values })?.code, 'HTTP_NOT_JSON');
  assert.equal(judgeAnswer(answerOf(200), undefined, { json: [] }), null);
  assert.equal(
    judgeAnswer(answerOf(200), json, { json: [{ path: '$.n', equals: 2 }] })?.message,
    '$.n is not 2',
  );
});

test('Retry-After of a 429 or 503 is obeyed up to a day, in seconds or as a date by the answer’s own clock', async (t) => {
  const after = (value: string, status = 503, date?: string) =>
    retryAfterMs(answerOf(status, { 'retry-after': value, ...(date ? { date } : {}) }));
  const date = 'Wed, 21 Oct 2015 07:28:00 GMT';
  assert.equal(after('120'), 120_000);
  assert.equal(after('0', 429), 0);
  assert.equal(after('120', 500), undefined);
  assert.equal(after('Wed, 21 Oct 2015 07:29:30 GMT', 503, date), 90_000);
  assert.equal(after('Wed, 21 Oct 2015 07:00:00 GMT', 503, date), 0);
  for (const value of ['Wed, 21 Oct 2015 07:29:30 GMT', 'soon', '-5', '1e9', ''])
    assert.equal(after(value), undefined, value);

  let retryAfter = '';
  const target = await serveHttp(t, (_req, res) => res.writeHead(429, { 'retry-after': retryAfter }).end());
  const http = guardedHttp(t, [target.host]);
  const call = () => httpCall({ kind: 'http', url: target.url }, recordedContext(), http);
  for (const [value, afterMs] of [
    ['7', 7000],
    ['999999', 86_400_000],
    ['soon', undefined],
  ] as const) {
    retryAfter = value;
    const outcome = await call();
    assert.equal(outcome.kind, 'retry');
    assert.equal(outcome.afterMs, afterMs);
  }
});

test('a forbidden address is final, an unreachable one is not, an aborted call rejects with the reason', async (t) => {
  const target = await serveHttp(t, (req) => req.socket.destroy());
  const http = guardedHttp(t, [target.host]);
  const context = recordedContext();
  const forbidden = await httpCall({ kind: 'http', url: 'http://2130706433/x?key=1' }, context, http);
  assert.deepEqual(
    [forbidden.kind, context.lines],
    ['fail', [{ text: 'GET http://127.0.0.1/x → HTTP_ADDRESS_FORBIDDEN', level: 'error' }]],
  );
  const away = await httpCall({ kind: 'http', url: target.url }, recordedContext(), http);
  assert.equal(away.kind === 'retry' && away.error.code, 'HTTP_UNREACHABLE');
  const reason = new Error('the deadline');
  const aborted = recordedContext({ signal: AbortSignal.abort(reason) });
  await assert.rejects(
    httpCall({ kind: 'http', url: target.url }, aborted, http),
    (error) => error === reason,
  );
});
