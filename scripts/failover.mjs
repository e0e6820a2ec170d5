// npm run failover: a Redis Cluster of three masters and three replicas, three servers, tasks that fire every second; a
// minute in which a server, a master and a slot's place are taken away; then what became of every slot. `--record` writes
// the table into docs/reliability.md. Everything runs on loopback and ends with this process.
import fs from 'node:fs';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { reportOf, tableOf } from './lib/failover-report.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { findRedisServer } from './lib/redis-server.mjs';
import { fail, inRoot, runPackage, say } from './lib/run.mjs';

const SECONDS = 60;
const OWNERS = 12;
const TASKS_EACH = 5;
const SERVERS = 3;
const LEASE_MS = 5_000;
const GIVE_UP_MS = 180_000;
const BEGIN = '<!-- failover: begin -->';
const END = '<!-- failover: end -->';

await ensureInstalled();
if ((await build()) !== 0) fail('the build has errors');
const redisServer = await findRedisServer();
if (redisServer === null) fail('redis-server is not in PATH');
process.env.TEST_REDIS_SERVER = redisServer;

const { spawnCluster } = await helper('helpers/redis-cluster.js');
const { startServer } = await helper('helpers/server-process.js');
const { createApiClient } = await helper('helpers/api-client.js');
const { startTarget } = await helper('faults/support/target.js');
const { createKeys } = await import(
  pathToFileURL(inRoot('dist', 'server', 'store', 'redis', 'keys.js')).href
);

const closing = [];
const giveUp = setTimeout(() => fail(`not over after ${GIVE_UP_MS / 1_000} s`), GIVE_UP_MS);
try {
  const report = await failover();
  const table = tableOf(report);
  process.stdout.write(`${table}\n`);
  if (process.argv.includes('--record')) await record(table);
  process.exitCode = report.kept ? 0 : 1;
} finally {
  clearTimeout(giveUp);
  for (const close of closing.toReversed()) await close();
}
process.exit();

async function failover() {
  const cluster = await spawnCluster();
  closing.push(() => cluster.stop());
  const target = await startTarget({ after: (close) => closing.push(close) });
  const options = {
    redisUrl: cluster.url,
    env: { ALLOW_HOSTS: target.host, LEASE_MS: String(LEASE_MS), WORKER_CONCURRENCY: '100' },
  };
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => startServer(options)));
  const everyServer = [...servers];
  closing.push(() => Promise.all(everyServer.map((server) => server.kill9())));
  // The last server lives through it all.
  const origin = () => servers[SERVERS - 1].origin;
  const owners = await createTasks(origin, target);
  const beganAt = Date.now();
  say(`${OWNERS * TASKS_EACH} tasks on ${SERVERS} servers; it takes ${SECONDS} s and a little`);

  const faults = [];
  const fault = async (atSecond, what, act) => {
    await wait(Math.max(0, beganAt + atSecond * 1_000 - Date.now()));
    say(what);
    const at = Date.now();
    await act();
    faults.push({ atSecond: Math.round((at - beganAt) / 1_000), what, at });
  };
  const keyOf = ({ ids }) => createKeys('zd').partition(Number.parseInt(ids[0].slice(0, 2), 16));
  const master = await cluster.masterOf(keyOf(owners[0]));
  await cluster.replicaOf(master);

  await fault(8, 'a server is killed (kill -9)', () => servers[0].kill9());
  await fault(16, 'it is started again', async () => {
    servers[0] = await startServer(options);
    everyServer.push(servers[0]);
  });
  const moving = owners.find((owner) => keyOf(owner) !== keyOf(owners[0]));
  await fault(22, 'a slot is moved to another master, key by key', async () => {
    const from = await cluster.masterOf(keyOf(moving));
    const to = await otherMaster(cluster, from);
    await cluster.moveSlot(keyOf(moving), to, () => wait(5));
  });
  await fault(30, 'a Redis master is killed (kill -9); its replica takes over', () => master.server.kill9());
  await fault(42, 'it is started again, as a replica', () => master.server.restart());
  await fault(46, 'a server stands still for 10 s (SIGSTOP)', () => servers[1].signal('SIGSTOP'));
  await fault(52, 'master and replica change places in agreement', async () => {
    await cluster.whole();
    await cluster.failOver(await cluster.replicaOf(await cluster.masterOf(keyOf(owners[0]))));
  });
  await fault(56, 'the server goes on (SIGCONT)', () => servers[1].signal('SIGCONT'));

  const tasks = await allEnded(owners);
  return reportOf({
    tasks,
    faults,
    hits: target.hits,
    servers: everyServer,
    owners: OWNERS,
    seconds: SECONDS,
  });
}

async function createTasks(origin, target) {
  return Promise.all(
    Array.from({ length: OWNERS }, async (_, n) => {
      const api = createApiClient(origin, `user${n}`);
      const made = await api.createTasks(
        Array.from({ length: TASKS_EACH }, (_, k) => ({
          name: `task ${n}.${k}`,
          schedule: { kind: 'every', everyMs: 1_000, maxSlots: SECONDS, anchorAt: k * 200 },
          action: { kind: 'http', method: 'POST', url: k === 0 ? target.slowUrl(1_500) : target.okUrl },
          policy: { overlap: 'allow_all' },
        })),
      );
      return { api, ids: made.map(({ id }) => id) };
    }),
  );
}

/** Audit, runs and attempts of every task, once all have ended. */
async function allEnded(owners) {
  const tasks = [];
  for (const { api, ids } of owners) {
    for (const id of ids) {
      for (;;) {
        const task = await api.task(id).catch(() => null);
        const runs = task?.state === 'ended' ? await api.runs(id).catch(() => null) : null;
        if (runs?.every(({ endedAt }) => endedAt !== null)) {
          tasks.push({ task, runs, audit: await api.audit(id) });
          break;
        }
        await wait(500);
      }
    }
  }
  return tasks;
}

async function otherMaster(cluster, than) {
  for (const node of cluster.nodes) {
    if (node !== than && /role:master/.test(await node.admin.info('replication'))) return node;
  }
  return fail('the cluster has no other master');
}

async function record(table) {
  const file = inRoot('docs', 'reliability.md');
  const text = fs.readFileSync(file, 'utf8');
  const [head, rest] = text.split(BEGIN);
  const tail = rest?.split(END)[1];
  if (tail === undefined) fail(`${file} has no place for it`);
  fs.writeFileSync(file, `${head}${BEGIN}\n\n${table}\n\n${END}${tail}`);
  await runPackage('@biomejs/biome/bin/biome', ['format', '--write', file]);
}

function helper(name) {
  return import(pathToFileURL(inRoot('dist', 'test', ...name.split('/'))).href);
}
