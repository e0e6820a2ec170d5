import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Connection } from '../../../server/realtime/connection.ts';
import { slowestReaders } from '../../../server/realtime/limits.ts';
import type { Subscription } from '../../../server/realtime/subscription.ts';
import { newTaskId } from '../../../server/store/ids.ts';
import { until } from '../../faults/support/until.ts';
import { openGateway } from './support/gateway-bench.ts';

const soon = { everyMs: 2, timeoutMs: 5_000 };
const ping = { type: 'ping', payload: {} } as const;

test('one that is silent for two heartbeats is closed; pings keep it', async (t) => {
  const bench = await openGateway(t);
  const [silent, alive] = [await bench.openAs('anna'), await bench.openAs('anna')];
  await bench.pass(50_000);
  alive.send(ping);
  await alive.next('a pong', ({ type }) => type === 'pong');
  assert.equal(bench.gateway.sockets(), 2);
  await bench.pass(6_000);
  assert.equal((await silent.closed).code, 4408);
  assert.equal(bench.gateway.sockets(), 1);
});

test('too many frames: closed', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  for (let n = 0; n < 99; n += 1) socket.send(ping);
  await until('all are answered', () => socket.frames.length === 100, soon);
  await bench.pass(1_000);
  for (let n = 0; n < 21; n += 1) socket.send(ping);
  assert.equal((await socket.closed).code, 4429);
  assert.equal(socket.frames.length, 120);
});

const listeners = (count: number) =>
  Array.from({ length: count }, () => ({ topic: `task:${newTaskId('anna')}`, after: null }));

test('topics count: a phone that comes back with 200 may go on, one that asks for all of them again and again is closed', async (t) => {
  const bench = await openGateway(t);
  const phone = await bench.openAs('anna');
  const topics = listeners(200);
  const all = { type: 'subscribe', payload: { id: 'all', topics } } as const;
  const answers = (count: number) => () => phone.frames.length === 1 + count;
  phone.send(all);
  for (let n = 0; n < 75; n += 1) phone.send(ping);
  await until('all is answered', answers(275), soon);
  await bench.pass(5_000);
  // 21 each, of the 100 that are there again.
  for (let n = 0; n < 4; n += 1) phone.send(all);
  phone.send(all);
  assert.equal((await phone.closed).code, 4429);
});

test('topics that are left count too', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  const topics = listeners(200).map(({ topic }) => topic);
  for (let n = 0; n < 5; n += 1) socket.send({ type: 'unsubscribe', payload: { topics } });
  assert.equal((await socket.closed).code, 4429);
  assert.equal(socket.frames.filter(({ type }) => type === 'unsubscribed').length, 800);
});

test('little is kept of what comes behind an `auth` that is not answered', async (t) => {
  const bench = await openGateway(t);
  bench.authGate = new Promise(() => {});
  const socket = await bench.open();
  socket.send({ type: 'auth', payload: { token: bench.token('anna') } });
  const large = `{"type":"ping","payload":{},"x":"${'x'.repeat(65_000)}"}`;
  for (let n = 0; n < 3; n += 1) socket.sendRaw(large);
  assert.deepEqual(await socket.closed, { code: 4429, reason: 'too much behind auth' });
});

test('what is not WebSocket at all ends a socket within seconds, whatever its peer does', async (t) => {
  const bench = await openGateway(t);
  const port = Number(new URL(bench.origin).port);
  // A peer that never ends its half.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.resume();
  socket.on('error', () => {});
  socket.write(handshake('/api/realtime'));
  await until('it is open', () => bench.gateway.sockets() === 1, soon);
  socket.write(Buffer.from([0xff, 0xff, 0xff]));
  await until('it is gone', () => bench.gateway.sockets() === 0, soon);
  socket.destroy();
});

test('a frame that is too large is refused before it has come', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  socket.sendRaw(`{"type":"ping","payload":{},"x":"${'x'.repeat(65_536)}"}`);
  assert.equal((await socket.closed).code, 1009);
  await until('it is gone', () => bench.gateway.sockets() === 0, soon);
});

test('what is no frame is an error, and the socket stays', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  socket.sendRaw('{"type":');
  socket.sendRaw(Buffer.from(JSON.stringify(ping)));
  socket.sendRaw('{"type":"subscribe","payload":{"id":"r","topics":[]}}');
  socket.send(ping);
  await socket.next('a pong', ({ type }) => type === 'pong');
  assert.deepEqual(
    socket.frames.slice(1, 4).map(({ type, payload }) => [type, payload.code]),
    Array(3).fill(['error', 'FRAME_INVALID']),
  );
});

test('the 201st topic is refused, one that is known or makes room is not', async (t) => {
  const bench = await openGateway(t);
  const socket = await bench.openAs('anna');
  const topics = Array.from({ length: 201 }, () => ({ topic: `task:${newTaskId('anna')}`, after: null }));
  const [first, last] = [topics[0]?.topic as string, topics[200]?.topic as string];
  socket.send({ type: 'subscribe', payload: { id: 'many', topics: topics.slice(0, 200) } });
  await socket.next('the 200th answer', ({ payload }) => payload.topic === topics[199]?.topic);
  assert.equal((await socket.subscribe(last)).payload.code, 'TOPIC_LIMIT_REACHED');
  assert.equal((await socket.subscribe(first)).type, 'subscribed');
  socket.send({ type: 'unsubscribe', payload: { topics: [first] } });
  assert.equal((await socket.subscribe(last)).type, 'subscribed');
});

test('one that reads nothing is dropped while little is kept for it, and the server keeps nothing', async (t) => {
  const frame = Buffer.alloc(65_536, ' ');
  frame.write('{"type":"run.log","payload":{}}');
  let left = false;
  let sent = 0;
  const bench = await openGateway(t, {
    hub: {
      subscribe({ listener }: Subscription) {
        for (sent = 0; sent < 1_000 && !left; sent += 1) listener.send(frame);
      },
      leave() {
        left = true;
      },
    },
  });
  const socket = await bench.openAs('anna');
  socket.stopReading();
  socket.send({ type: 'subscribe', payload: { id: 'r', topics: [{ topic: 'tasks', after: null }] } });
  await until('it is dropped', () => left, soon);
  // 2 MiB here, and what the kernel takes for a connection of loopback.
  assert.ok(sent < 200, `${sent} frames of 64 KiB`);
  await until('the connection is gone', () => bench.gateway.sockets() === 0, soon);
});

test('many slow readers together: the slowest go, the others stay', async (t) => {
  const MIB = 1024 * 1024;
  const bench = await openGateway(t);
  const sockets = await Promise.all(Array.from({ length: 160 }, () => bench.openAs('anna')));
  const unsent = new Map<Connection, number>();
  t.mock.getter(Connection.prototype, 'unsentBytes', function (this: Connection) {
    return unsent.get(this) ?? unsent.set(this, unsent.size < 150 ? 1.5 * MIB : 0.5 * MIB).get(this);
  });
  await bench.pass(1_000);
  assert.equal(bench.gateway.sockets(), 160, '230 MiB are still borne');
  for (const [connection, bytes] of unsent) if (bytes > MIB) unsent.set(connection, 1.9 * MIB);
  await bench.pass(1_000);
  // 290 MiB: once 86 of 1.9 MiB are gone, 126.6 MiB are left.
  await until('they are gone', () => bench.gateway.sockets() === 74, soon);
  assert.equal((await Promise.race(sockets.map(({ closed }) => closed))).code, 4429);
});

test('of slow readers those with the most unsent go, until half of what may be is left', () => {
  const MIB = 1024 * 1024;
  const reader = (mib: number) => ({ unsentBytes: mib * MIB });
  const few = [reader(200), reader(0), reader(56)];
  assert.deepEqual(slowestReaders(few), []);
  const [small, none, large, middle] = [reader(57), reader(0), reader(120), reader(80)];
  assert.deepEqual(slowestReaders([small, none, large, middle]), [large, middle]);
  assert.deepEqual(slowestReaders([none, reader(300)]), [reader(300)]);
});

test('control frames count as frames', async (t) => {
  const bench = await openGateway(t);
  const socket = connect(Number(new URL(bench.origin).port), '127.0.0.1');
  socket.write(handshake('/api/realtime'));
  await once(socket, 'data');
  let came = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    came = Buffer.concat([came, data]);
  });
  // An empty ping, masked with zeros; its answer has two bytes. Few at a time: `ws` itself cuts off who takes no answers.
  const pings = Buffer.concat(Array<Buffer>(20).fill(Buffer.from([0x89, 0x80, 0, 0, 0, 0])));
  for (let sent = 20; sent <= 100; sent += 20) {
    socket.write(pings);
    await until('the answers', () => came.length === 2 * sent, soon);
  }
  socket.write(pings);
  await until('the reason', () => came.includes('too many frames'), soon);
  assert.equal(came.readUInt16BE(came.indexOf('too many frames') - 2), 4429);
  socket.destroy();
});

test('stop: every socket is told to come back, and one that does not answer is not waited for', async (t) => {
  const bench = await openGateway(t);
  const sockets = [await bench.openAs('anna'), await bench.open()];
  const deaf = await bench.openAs('ben');
  deaf.stopReading();
  const startedAt = performance.now();
  const stopped = bench.gateway.stop();
  assert.equal(bench.gateway.stop(), stopped, 'asked twice, it is the same stop');
  for (const socket of sockets) assert.equal((await socket.closed).code, 1012);
  await stopped;
  assert.ok(performance.now() - startedAt < 3_000);
  assert.equal(bench.gateway.sockets(), 0);
  await assert.rejects(bench.open(), /503/);
});

const handshake = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

for (const path of ['/', '/api/realtime/', '/api/tasks', '//api/realtime', '*']) {
  test(`an upgrade of ${path} is refused, and the connection does not stay`, async (t) => {
    const bench = await openGateway(t);
    const port = Number(new URL(bench.origin).port);
    // A peer that never ends its half.
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.write(handshake(path));
    await until('it is refused', () => /^HTTP\/1\.1 404 /.test(answer), soon);
    const open = () => new Promise<number>((resolve) => bench.server.getConnections((_e, n) => resolve(n)));
    await until('the server has let go of it', async () => (await open()) === 0, soon);
    socket.destroy();
  });
}

test('a GET without an upgrade is answered by HTTP; a bad handshake is refused', async (t) => {
  const bench = await openGateway(t);
  const plain = await fetch(`${bench.origin}/api/realtime`);
  assert.equal(plain.headers.get('x-from'), 'http');
  const port = Number(new URL(bench.origin).port);
  const socket = connect(port, '127.0.0.1');
  socket.write(handshake('/api/realtime').replace('13', '7'));
  const [data] = (await once(socket, 'data')) as [Buffer];
  assert.match(String(data), /^HTTP\/1\.1 4\d\d /);
  socket.destroy();
  assert.equal(bench.gateway.sockets(), 0);
});

test('sockets that vanish leave nothing behind', async (t) => {
  const bench = await openGateway(t);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => bench.openAs('anna')));
  await Promise.all(sockets.map((socket) => socket.subscribe('tasks')));
  assert.equal(bench.gateway.sockets(), 20);
  for (const [index, socket] of sockets.entries()) {
    if (index % 2 === 0) socket.cut();
    else void socket.close();
  }
  await until('all are gone', () => bench.gateway.sockets() === 0, soon);
  assert.deepEqual(bench.log.listened.at(-1), []);
});
