/** How the socket comes, goes and comes back. What a frame means is in subscriptions.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reconnectDelayMs } from '../../miniprogram/realtime/backoff.ts';
import { brief, socketParts } from './support/socket-parts.ts';

test('says when each frame was sent, whatever it is', async () => {
  const { hear, ready, last, dated, time } = socketParts();
  hear('tasks');
  await ready();
  dated.length = 0;
  last().receive({ type: 'pong', payload: {}, timestamp: 1_234 });
  last().receive({ type: 'error', payload: {}, timestamp: 1_240 });
  last().receive('no frame');
  await time.pass(0);
  assert.deepEqual(dated, [1_234, 1_240]);
});

test('nothing connects before somebody listens; then the token goes into the first frame and topics follow ready', async () => {
  const { socket, wx, hear, time, last, sent, ready } = socketParts();
  await time.pass(60_000);
  assert.equal(wx.sockets.length, 0);
  assert.equal(socket.state(), 'closed');
  hear('tasks');
  hear('task:1');
  await time.pass(0);
  assert.deepEqual(last().target, { url: 'ws://server.test/api/realtime' });
  assert.deepEqual(last().sent, [], 'nothing before it is open');
  last().open();
  assert.deepEqual(last().sent, [{ type: 'auth', payload: { token: 'access-login1' } }]);
  assert.equal(socket.state(), 'connecting');
  await ready();
  assert.equal(socket.state(), 'live');
  const topics = [
    { topic: 'tasks', after: null },
    { topic: 'task:1', after: null },
  ];
  assert.deepEqual(sent('subscribe'), [{ id: '1', topics }]);
  assert.equal(wx.sockets.length, 1);
});

test('topics of one turn go out together, at most 200 in a frame', async () => {
  const { hear, sent, ready, time } = socketParts();
  hear('tasks');
  await ready();
  for (let i = 0; i < 250; i++) hear(`task:${i}`);
  await time.pass(0);
  const sizes = sent('subscribe').map(({ topics }) => (topics as unknown[]).length);
  assert.deepEqual(sizes, [1, 200, 50]);
});

test('a lost connection comes back and resumes where each topic stood', async () => {
  const { hear, sent, ready, answer, event, last, time, wx } = socketParts();
  const tasks = hear('tasks');
  const run = hear('run:1');
  await ready();
  answer('tasks', 5, { snapshot: 5 });
  event('tasks', 6);
  last().lose(1006);
  await time.pass(499);
  assert.equal(wx.sockets.length, 1);
  await time.pass(1);
  assert.equal(wx.sockets.length, 2);
  await ready();
  assert.deepEqual(sent('subscribe')[0]?.topics, [
    { topic: 'tasks', after: { epoch: 'e', seq: 6 } },
    { topic: 'run:1', after: null },
  ]);
  answer('tasks', 8);
  event('tasks', 7);
  event('tasks', 8);
  assert.deepEqual(brief(tasks.heard), ['snapshot 5', 'event 6', 'event 7', 'event 8']);
  assert.deepEqual(run.heard, []);
});

test('the waits between tries grow with jitter, from half a second to half a minute', async () => {
  const bounds = [0, 1, 2, 3, 4, 5, 6, 50].map((n) => [
    reconnectDelayMs(n, () => 0),
    reconnectDelayMs(n, () => 0.999999),
  ]);
  assert.deepEqual(bounds, [
    [500, 999],
    [500, 1999],
    [500, 3999],
    [500, 7999],
    [500, 15999],
    [500, 29999],
    [500, 29999],
    [500, 29999],
  ]);
  const { wx, hear, time, ready, last } = socketParts(() => 0.999999);
  hear('tasks');
  await time.pass(0);
  const gaps: number[] = [];
  for (let i = 0; i < 4; i++) {
    const from = time.now();
    const had = wx.sockets.length;
    last().lose(1006);
    while (wx.sockets.length === had) await time.pass(1);
    gaps.push(time.now() - from);
  }
  assert.deepEqual(gaps, [999, 1999, 3999, 7999]);
  await ready();
  const had = wx.sockets.length;
  last().lose(1006);
  await time.pass(999);
  assert.equal(wx.sockets.length, had + 1, 'a connection that worked starts the waits anew');
});

test('a connection that cannot be made, does not open or does not authenticate is tried again', async () => {
  const { wx, hear, time, last } = socketParts();
  wx.connectFails = true;
  hear('tasks');
  await time.pass(400);
  wx.connectFails = false;
  await time.pass(100);
  assert.equal(wx.sockets.length, 1);
  await time.pass(10_000 + 499);
  assert.equal(last().closed, true, 'given up after ten seconds');
  await time.pass(1);
  assert.equal(wx.sockets.length, 2);
  last().open();
  await time.pass(9_000);
  last().receive({ type: 'error', payload: { code: 'RATE_LIMITED', message: '' }, timestamp: 0 });
  await time.pass(1_500);
  assert.equal(wx.sockets.length, 3, 'no ready');
});

test('a sign-in that fails is tried again later', async () => {
  const { wx, hear, time } = socketParts();
  wx.loginFails = true;
  hear('tasks');
  await time.pass(400);
  assert.equal(wx.sockets.length, 0);
  wx.loginFails = false;
  await time.pass(100);
  assert.equal(wx.sockets.length, 1);
});

test('three seconds without the socket are stale, however many tries fail; live again clears it', async () => {
  const { socket, hear, time, last, ready } = socketParts();
  const states: string[] = [];
  socket.onState((state) => states.push(state));
  hear('tasks');
  await ready();
  last().lose(1006);
  await time.pass(600);
  last().lose(1006);
  await time.pass(2_399);
  assert.equal(socket.state(), 'connecting');
  await time.pass(1);
  assert.equal(socket.state(), 'stale');
  await ready();
  assert.deepEqual(states, ['connecting', 'live', 'connecting', 'stale', 'live']);
});

test('silence is noticed: a ping each heartbeat, lost without an answer within ten seconds', async () => {
  const { hear, time, last, sent, ready, wx, socket } = socketParts();
  hear('tasks');
  await ready(20_000);
  await time.pass(19_999);
  assert.equal(sent('ping').length, 0);
  await time.pass(1);
  assert.equal(sent('ping').length, 1);
  await time.pass(9_999);
  last().receive({ type: 'pong', payload: {}, timestamp: 0 });
  await time.pass(10_001);
  assert.equal(sent('ping').length, 2);
  assert.equal(wx.sockets.length, 1);
  const silent = last();
  await time.pass(9_999);
  assert.equal(socket.state(), 'live');
  await time.pass(1);
  assert.equal(silent.closed, true);
  assert.equal(socket.state(), 'connecting');
  await time.pass(500);
  assert.equal(wx.sockets.length, 2);
});

test('a server that talks all the time is pinged all the same: it closes sockets that only listen', async () => {
  const { hear, time, last, sent, ready, wx, event, answer } = socketParts();
  hear('tasks');
  await ready(20_000);
  answer('tasks', 0, { snapshot: 0 });
  for (let seq = 1; seq <= 60; seq++) {
    await time.pass(1_000);
    event('tasks', seq);
  }
  assert.equal(sent('ping').length, 3);
  assert.equal(wx.sockets.length, 1);
  assert.equal(last().closed, false);
});

test('in the background it is closed on purpose and stays so; in front it connects at once and resumes', async () => {
  const { hear, time, wx, ready, answer, sent, socket, last } = socketParts();
  const { heard } = hear('tasks');
  await ready();
  answer('tasks', 3, { snapshot: 3 });
  wx.hide();
  assert.equal(last().closed, true);
  assert.equal(socket.state(), 'closed');
  await time.pass(120_000);
  assert.equal(wx.sockets.length, 1, 'its own close is no loss');
  assert.equal(time.waiting(), 0, 'no timer runs in the background');
  hear('task:1');
  await time.pass(0);
  assert.equal(wx.sockets.length, 1);
  wx.show();
  await ready();
  assert.equal(wx.sockets.length, 2);
  assert.deepEqual(sent('subscribe')[0]?.topics, [
    { topic: 'tasks', after: { epoch: 'e', seq: 3 } },
    { topic: 'task:1', after: null },
  ]);
  answer('tasks', 9, { type: 'reset', epoch: 'e2', snapshot: 9 });
  assert.deepEqual(brief(heard), ['snapshot 3', 'reset 9']);
});

test('hidden while the token is on its way: no connection is opened', async () => {
  const { hear, wx, time } = socketParts();
  hear('tasks');
  wx.hide();
  await time.pass(1_000);
  assert.equal(wx.sockets.length, 0);
  wx.show();
  wx.show();
  await time.pass(0);
  assert.equal(wx.sockets.length, 1);
});

test('a network that returns is used at once; a changed one is checked with a ping', async () => {
  const { hear, wx, time, last, ready, sent } = socketParts(() => 0.99);
  hear('tasks');
  await ready();
  wx.network(true);
  assert.equal(sent('ping').length, 1);
  await time.pass(10_000);
  assert.equal(last().closed, true);
  wx.network(false);
  wx.network(true);
  await time.pass(0);
  assert.equal(wx.sockets.length, 2, 'without the wait');
});

test('without listeners it goes, but not between two pages', async () => {
  const { hear, time, ready, last, sent, socket } = socketParts();
  const first = hear('task:1');
  await ready();
  first.stop();
  first.stop();
  assert.deepEqual(sent('unsubscribe'), [{ topics: ['task:1'] }]);
  await time.pass(4_999);
  const second = hear('task:2');
  await time.pass(5_000);
  assert.equal(last().closed, false);
  second.stop();
  await time.pass(5_000);
  assert.equal(last().closed, true);
  assert.equal(socket.state(), 'closed');
  assert.equal(time.waiting(), 0);
});

test('stopped, it never returns', async () => {
  const { hear, time, ready, socket, wx, session } = socketParts();
  hear('tasks');
  await ready();
  socket.stop();
  wx.show();
  wx.network(true);
  await session.login();
  hear('task:1');
  await time.pass(60_000);
  assert.equal(wx.sockets.length, 1);
  assert.equal(socket.state(), 'closed');
});

test('frames of a connection that is over, and text that is no frame, change nothing', async () => {
  const { hear, ready, wx, last, time, answer } = socketParts();
  const { heard } = hear('tasks');
  await ready();
  for (const junk of ['', '{', 'null', '[]', '7', '{"type":3}']) last().receive(junk);
  answer('tasks', 1, { snapshot: 1 });
  const old = last();
  wx.hide();
  old.receive({ type: 'run.started', topic: 'tasks', seq: 2, payload: {}, timestamp: 0 });
  old.receive({ type: 'ready', payload: { heartbeatMs: 1 }, timestamp: 0 });
  old.lose(1006);
  await time.pass(60_000);
  assert.deepEqual(brief(heard), ['snapshot 1']);
  assert.equal(wx.sockets.length, 1);
});
