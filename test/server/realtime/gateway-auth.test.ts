import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newTaskId, partitionOfOwner } from '../../../server/store/ids.ts';
import { openGateway } from './support/gateway-bench.ts';

const partition = partitionOfOwner('anna');
const taskId = newTaskId('anna');

test('who says nothing for 5 s is closed', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.open();
  await bench.pass(5_000);
  assert.equal(bench.gateway.sockets(), 1);
  await bench.pass(1_000);
  assert.equal((await socket.closed).code, 4401);
  assert.deepEqual(socket.frames, []);
});

test('anything before `auth` is the end', async (t) => {
  const bench = await openGateway(t);
  const first = [
    JSON.stringify({ type: 'ping', payload: {} }),
    JSON.stringify({ type: 'subscribe', payload: { id: 'r', topics: [{ topic: 'tasks' }] } }),
    JSON.stringify({ type: 'auth', payload: {} }),
    '{',
    Buffer.from(JSON.stringify({ type: 'auth', payload: { token: bench.token('anna') } })),
  ];
  for (const data of first) {
    const socket = await bench.open();
    socket.sendRaw(data);
    assert.equal((await socket.closed).code, 4401, String(data));
    assert.deepEqual(socket.frames, []);
  }
});

test('a token that nobody knows is refused, and what came behind it is not looked at', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.open();
  socket.send({ type: 'auth', payload: { token: 'none' } });
  socket.send({ type: 'auth', payload: { token: bench.token('anna') } });
  socket.send({ type: 'ping', payload: {} });
  assert.equal((await socket.closed).code, 4401);
  assert.deepEqual(socket.frames, []);
});

test('a store that is away says nothing about a token: come back later', async (t) => {
  const bench = await openGateway(t);
  bench.away = true;
  const socket = await bench.open();
  socket.send({ type: 'auth', payload: { token: bench.token('anna') } });
  assert.equal((await socket.closed).code, 1012);
});

test('frames behind `auth` wait for it and are answered in order, over a renewal among them too', async (t) => {
  const bench = await openGateway(t);
  let open = () => {};
  bench.authGate = new Promise((resolve) => {
    open = resolve;
  });
  const socket = await bench.open();
  const auth = () => socket.send({ type: 'auth', payload: { token: bench.token('anna') } });
  const bad = (n: number) =>
    socket.send({ type: 'subscribe', payload: { id: String(n), topics: [{ topic: 'x', after: null }] } });
  auth();
  bad(1);
  bad(2);
  auth();
  bad(3);
  auth();
  bad(4);
  open();
  await socket.next('the last answer', ({ payload }) => payload.id === '4');
  assert.deepEqual(
    socket.frames.map(({ type, payload }) => payload.id ?? type),
    ['ready', '1', '2', 'ready', '3', 'ready', '4'],
  );
  assert.deepEqual(socket.frames[0]?.payload, { userId: 'anna', heartbeatMs: 25_000 });
  assert.deepEqual(socket.frames[1]?.payload.code, 'TOPIC_INVALID');
});

test('a token ends the socket when it ends, unless it was renewed', async (t) => {
  const bench = await openGateway(t);
  const renewed = await bench.openAs('anna');
  const old = await bench.openAs('anna');
  const stay = async () => {
    for (let n = 0; n < 72; n += 1) {
      await bench.pass(50_000);
      for (const socket of [renewed, old]) socket.send({ type: 'ping', payload: {} });
      const pongs = (frames: typeof old.frames) => frames.filter(({ type }) => type === 'pong').length;
      for (const socket of [renewed, old]) {
        if (n < 71) await socket.next('a pong', () => pongs(socket.frames) > n);
      }
      if (n === 40) await renewed.auth(bench.token('anna'));
    }
  };
  await stay();
  assert.equal((await old.closed).code, 4401);
  renewed.send({ type: 'subscribe', payload: { id: 'r', topics: [{ topic: 'tasks', after: null }] } });
  await renewed.next('an answer', ({ type }) => type === 'subscribed');
});

test('a token of somebody else cannot take a socket over', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  socket.send({ type: 'auth', payload: { token: bench.token('ben') } });
  assert.equal((await socket.closed).code, 4401);
  assert.equal(socket.frames.filter(({ type }) => type === 'ready').length, 1);
});

test('a session that ends is noticed within 5 s', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.open();
  await socket.auth(bench.token('anna', 'ends'));
  const other = await bench.openAs('ben');
  await bench.pass(10_000);
  bench.endedSessions.add('ends');
  await bench.pass(4_000);
  assert.equal((await socket.closed).code, 4401);
  assert.equal(bench.gateway.sockets(), 1);
  other.cut();
});

test('a session that cannot be confirmed is told nothing; then what it missed', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  await socket.subscribe(`task:${taskId}`);
  const append = () => {
    bench.log.append(partition, `task:${taskId}`, taskId);
    bench.hub.onEvents(partition);
  };
  append();
  await socket.next('the first event', ({ seq }) => seq === 1);
  await bench.pass(4_000);
  bench.away = true;
  await bench.pass(4_000);
  append();
  bench.hub.onStoreBack();
  await bench.pass(4_000);
  // The answer to a ping comes behind whatever was sent before it.
  socket.send({ type: 'ping', payload: {} });
  await socket.next('a pong', ({ type }) => type === 'pong');
  assert.deepEqual(
    socket.frames.map(({ type, seq }) => seq ?? type),
    ['ready', 'subscribed', 1, 'pong'],
  );
  bench.away = false;
  await bench.pass(4_000);
  await socket.next('what it missed', ({ seq }) => seq === 2);
  append();
  await socket.next('the third event', ({ seq }) => seq === 3);
  assert.deepEqual(
    socket.events(`task:${taskId}`).map(({ seq }) => seq),
    [1, 2, 3],
  );
});
