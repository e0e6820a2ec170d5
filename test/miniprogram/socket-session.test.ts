/** The socket and who is signed in. How it comes and goes is in socket.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketParts } from './support/socket-parts.ts';

test('4401: one try at once with a new token, then as after any loss', async () => {
  const { hear, wx, time, last, ready, server, sent } = socketParts();
  hear('tasks');
  await ready();
  last().lose(4401);
  await time.pass(0);
  assert.equal(wx.sockets.length, 2);
  last().open();
  assert.deepEqual(sent('auth'), [{ token: 'access-refresh1' }]);
  last().lose(4401);
  await time.pass(499);
  assert.equal(wx.sockets.length, 2);
  server.refuseRefresh = true;
  await time.pass(1);
  last().open();
  assert.deepEqual(sent('auth'), [{ token: 'access-login2' }]);
  await ready();
  last().lose(4401);
  await time.pass(0);
  assert.equal(wx.sockets.length, 4, 'once it was ready the next refusal is a first one again');
});

test('the token is renewed a minute before it ends, on the same connection', async () => {
  const { hear, time, sent, ready, last, wx } = socketParts();
  hear('tasks');
  await ready(60_000);
  const keepAlive = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 20_000) {
      await time.pass(Math.min(20_000, ms - passed));
      last().receive({ type: 'pong', payload: {}, timestamp: 0 });
    }
  };
  await keepAlive(839_999);
  assert.equal(sent('auth').length, 1);
  await keepAlive(1);
  assert.deepEqual(sent('auth').at(-1), { token: 'access-refresh1' });
  last().receive({ type: 'ready', payload: { userId: 'u1', heartbeatMs: 60_000 }, timestamp: 0 });
  await time.pass(0);
  assert.equal(sent('subscribe').length, 1, 'topics are not asked for again');
  await keepAlive(840_000);
  assert.deepEqual(sent('auth').at(-1), { token: 'access-refresh2' });
  assert.equal(sent('auth').length, 3);
  assert.equal(wx.sockets.length, 1);
});

test('a sign-out closes it, a sign-in as another asks for everything anew', async () => {
  const { hear, time, wx, ready, answer, session, socket, sent, last } = socketParts();
  hear('tasks');
  await ready();
  answer('tasks', 7, { snapshot: 7 });
  await session.logout();
  assert.equal(last().closed, true);
  assert.equal(socket.state(), 'closed');
  wx.show();
  wx.network(true);
  await time.pass(60_000);
  assert.equal(wx.sockets.length, 1);
  await session.login('sandbox:alice');
  await ready();
  assert.deepEqual(sent('auth'), [{ token: 'access-login2' }]);
  assert.deepEqual(sent('subscribe')[0]?.topics, [{ topic: 'tasks', after: null }]);
});

test('another user who signs in between two connections is not told what comes after the first one’s', async () => {
  const { hear, ready, answer, session, sent, last, wx } = socketParts();
  hear('tasks');
  await ready();
  answer('tasks', 7, { snapshot: 7 });
  last().lose(1006);
  await session.login('sandbox:alice');
  await ready();
  assert.equal(wx.sockets.length, 2);
  assert.deepEqual(sent('auth'), [{ token: 'access-login2' }]);
  assert.deepEqual(sent('subscribe')[0]?.topics, [{ topic: 'tasks', after: null }]);
});
