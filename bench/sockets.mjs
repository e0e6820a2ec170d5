/**
 * Child: 5,000 sockets on one server, changes made by this process over Redis:
 * `<zhundian|ws|socketio> <sockets> <events a second> <seconds>`. Reports how long a frame takes from the acknowledged
 * finish (peers: from the acknowledged publish) to each of 10 listeners, memory per idle socket, and how long all take to
 * be back after kill -9 and a restart.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createAuth } from '../dist/server/auth/login.js';
import { hostClock } from '../dist/server/lib/clock.js';
import { askedRunId, newTaskId, partitionOfId } from '../dist/server/store/ids.js';
import { newTask } from '../dist/server/tasks/task-changes.js';
import { createSandboxExchange } from '../dist/server/wechat/sandbox.js';
import { report } from './lib/child.mjs';
import { percentiles, round } from './lib/numbers.mjs';
import { freePort, startRedis } from './lib/redis.mjs';
import { openClient, openMany } from './lib/socket-clients.mjs';
import { startSocketServer } from './lib/socket-servers.mjs';
import { startStore } from './lib/store.mjs';
import { definition } from './lib/tasks.mjs';

const [kind, sockets, perSecond, seconds] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const LISTENERS = 10;
const USERS = 200;
const secret = 'bench'.repeat(8);

const redis = await startRedis();
const port = await freePort();
const store = await startStore({ redisUrl: redis.url });
const publisher = new Redis(redis.url);
let server = await startSocketServer(kind, { redisUrl: redis.url, port, secret });

const auth = createAuth({
  documents: store,
  clock: hostClock,
  exchange: createSandboxExchange(),
  secrets: [secret],
  appid: null,
  operatorOpenids: [],
});
const users = [];
for (let n = 0; n < USERS; n += 1) {
  const { accessToken, user } = await auth.login(`sandbox:user${n}`, 'en');
  const id = newTaskId(user.id);
  const task = newTask(id, definition({ kind: 'every', everyMs: 86_400_000 }), Date.now(), String(n));
  await store.createTasks(user.id, [task], 10);
  users.push({ token: accessToken, taskId: id, topic: `task:${id}` });
}

// What a frame's way costs: users[0]'s task changes, its ten listeners are told.
const sentAt = new Map();
const took = [];
let delivered = 0;
const onEvent = (type, payload) => {
  if (type !== 'run.finished') return;
  delivered += 1;
  const at = sentAt.get(payload.runId);
  if (at === undefined) early.push([payload.runId, performance.now()]);
  else took.push(performance.now() - at);
};
/** Frames that overtook the acknowledgement. */
const early = [];

const open = (n, after) => {
  const user = n < LISTENERS ? users[0] : users[1 + (n % (USERS - 1))];
  const topics = kind === 'zhundian' ? ['tasks', user.topic] : [user.topic];
  return openClient(kind, server.url, {
    token: user.token,
    topics,
    after,
    onEvent: n < LISTENERS ? onEvent : undefined,
  });
};
// Compile the way first, so that memory per socket is not that of the first code.
await openMany(200, 50, open).then((some) => Promise.all(some.map(({ ws }) => close(ws))));
await sleep(1_000);
const before = server.rss();
const connectFrom = performance.now();
let clients = await openMany(sockets, 50, (n) => open(n));
const connectMs = performance.now() - connectFrom;
await sleep(2_000);
const bytesPerSocket = (server.rss() - before) / sockets;

await drive(perSecond * 2, perSecond);
took.length = early.length = delivered = 0;
await drive(perSecond * seconds, perSecond);
await sleep(500);
for (const [runId, at] of early) took.push(at - sentAt.get(runId));
const way = percentiles(took);
const lost = perSecond * seconds * LISTENERS - delivered;

const figures = {
  kind,
  sockets,
  perSecond,
  ...way,
  lost,
  connectMs: round(connectMs, 0),
  bytesPerSocket: round(bytesPerSocket, 0),
};
if (kind === 'zhundian') Object.assign(figures, await comeBack());
await server.kill('SIGKILL');
await redis.stop();
report(figures);

/** kill -9; changes go on; a new server; everybody comes back with what they have. */
async function comeBack() {
  for (const { ws } of clients) ws.removeAllListeners('close');
  const positions = clients.map((client) => client.positions);
  await server.kill('SIGKILL');
  // Every user's task changes while nobody is connected.
  for (const user of users) await finishRuns(user, 5);
  server = await startSocketServer(kind, { redisUrl: redis.url, port, secret });
  const from = performance.now();
  clients = await openMany(sockets, 200, (n) => open(n, positions[n]));
  const backMs = round(performance.now() - from, 0);
  await sleep(1_500);
  const ends = await Promise.all(users.map(endOf));
  const lostAfter = clients.filter((client, n) => {
    const user = n < LISTENERS ? 0 : 1 + (n % (USERS - 1));
    return client.hole || client.reset || client.positions[users[user].topic].seq !== ends[user];
  }).length;
  return { backMs, lostAfter };
}

async function endOf({ topic, taskId }) {
  const { topics } = await store.replayTopics(partitionOfId(taskId), [{ topic, afterSeq: null }], 1);
  return topics[0].seq;
}

/** So many changes at a rate: each a finish step, or what a peer would publish for it. */
async function drive(count, rate) {
  const { taskId, topic } = users[0];
  const runs = kind === 'zhundian' ? await startRuns(users[0], count) : [];
  const from = performance.now();
  for (let n = 0; n < count; n += 1) {
    const wait = from + (n * 1_000) / rate - performance.now();
    if (wait > 0) await sleep(wait);
    const runId = runs[n]?.runId ?? `${taskId}:${n}:${count}`;
    const change =
      kind === 'zhundian'
        ? finish(taskId, [runs[n]])
        : publisher.publish(topic, JSON.stringify(frame(topic, runId)));
    void change.then(() => sentAt.set(runId, performance.now()));
  }
  await sleep(200);
}

function frame(topic, runId) {
  return {
    type: 'run.finished',
    payload: { taskId: topic.slice(5), runId, at: Date.now(), state: 'succeeded', attempt: 1 },
    timestamp: Date.now(),
    topic,
    seq: 1,
  };
}

async function finishRuns(user, count) {
  const runs = await startRuns(user, count);
  await finish(user.taskId, runs);
}

/** Asks for runs and claims them. */
async function startRuns({ taskId }, count) {
  const policy = { overlap: 'skip', priority: 0, timeoutMs: 60_000, lateAfterMs: 1_000 };
  const partition = partitionOfId(taskId);
  const claimed = [];
  for (let left = count; left > 0; left -= 50) {
    const asked = Array.from({ length: Math.min(50, left) }, () => ({
      id: askedRunId(taskId, 'manual'),
      taskId,
      trigger: 'manual',
      line: 'free',
      plannedAt: null,
      nominalAt: null,
      retryOf: null,
      policy,
    }));
    await store.askRuns(taskId, asked, 100_000);
    const claim = { requestId: crypto.randomUUID(), worker: 'bench', limit: asked.length, leaseMs: 60_000 };
    claimed.push(...(await store.claimRuns(partition, claim)));
  }
  return claimed;
}

async function finish(taskId, runs) {
  const items = runs.map(({ runId, token, fence }) => ({
    runId,
    token,
    fence,
    outcome: 'succeeded',
    attemptOutcome: 'succeeded',
    retryInMs: 0,
    error: null,
    result: null,
    endTask: false,
  }));
  const { finished } = await store.finishRuns(partitionOfId(taskId), items);
  if (finished.some(({ code }) => code !== 'finished')) throw new Error(JSON.stringify(finished));
}

function close(ws) {
  ws.removeAllListeners('close');
  return new Promise((resolve) => {
    ws.once('close', resolve);
    ws.close();
  });
}
