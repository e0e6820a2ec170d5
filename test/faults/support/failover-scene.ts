/**
 * Several servers on one group of Redis servers, tasks of several owners every second, a phone for each owner; and, when
 * all is over, whether every promise was kept: audits, runs, calls and sockets.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { taskIdOfRun } from '../../../server/store/ids.ts';
import { createKeys } from '../../../server/store/redis/keys.ts';
import { type ApiClient, createApiClient } from '../../helpers/api-client.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../../helpers/server-process.ts';
import { connectAs, type SocketClient } from '../../helpers/socket-client.ts';
import { allEnded, assertKept, type Kept } from './oracle.ts';
import { type Hit, startTarget, type Target } from './target.ts';
import { calling, ticking } from './tasks.ts';
import { until } from './until.ts';

export interface Owner {
  api: ApiClient;
  ids: string[];
  partition: number;
  phone: SocketClient;
}

export interface FailoverScene {
  servers: ServerProcess[];
  options: ServerOptions;
  target: Target;
  owners: Owner[];
  /** The key that names an owner's partition in Redis. */
  keyOf(owner: Owner): string;
  /** Calls so far, of all tasks. */
  calls(): number;
  /** Waits for so many calls more. */
  moreCalls(count: number): Promise<void>;
  /** What the servers counted as made again. */
  replayed(): number;
  /** Waits for the end of all tasks and judges; `replayed`: how many calls the servers had to make again, at most. */
  judge(): Promise<{ kept: Kept[]; again: number }>;
}

const LEASE_MS = 2_000;

export async function startFailoverScene(
  t: TestContext,
  { redisUrl, users, slots }: { redisUrl: string; users: string[]; slots: number },
): Promise<FailoverScene> {
  const target = await startTarget(t);
  const options = { redisUrl, env: { ALLOW_HOSTS: target.host, LEASE_MS: String(LEASE_MS) } };
  const servers = await Promise.all([startServer(options), startServer(options)]);
  t.after(() => Promise.all(servers.map((server) => server.kill9())));
  const originOf = (index: number) => () => (servers[index % servers.length] as ServerProcess).origin;
  const owners = await Promise.all(
    users.map(async (user, index): Promise<Owner> => {
      const api = createApiClient(originOf(index), user);
      await until('it answers', () => api.tasks());
      const tasks = await api.createTasks([
        ticking(`${user} quick`, calling(target.okUrl), { maxSlots: slots }),
        ticking(`${user} slow`, calling(target.slowUrl(1_500)), { maxSlots: slots, anchorAt: 500 }),
      ]);
      const ids = tasks.map(({ id }) => id);
      const phone = await connectAs(originOf(index + 1)(), user);
      for (const id of ids) await phone.subscribe(`task:${id}`);
      return { api, ids, phone, partition: Number.parseInt(ids[0]?.slice(0, 2) ?? '', 16) };
    }),
  );
  const calls = () => target.hits.length;
  // The samples of a new store run beside, and call nobody here.
  const ours = new Set(owners.flatMap(({ ids }) => ids));
  const replayed = () =>
    servers
      .flatMap((server) => server.logged('runs are made again'))
      .flatMap(({ runIds }) => runIds as string[])
      .filter((runId) => ours.has(taskIdOfRun(runId))).length;

  return {
    servers,
    options,
    target,
    owners,
    calls,
    replayed,
    keyOf: ({ partition }) => createKeys('zd').partition(partition),
    async moreCalls(count) {
      const before = calls();
      await until(`${count} calls more`, () => calls() >= before + count, { timeoutMs: 40_000 });
    },
    async judge() {
      const kept: Kept[] = [];
      let again = 0;
      for (const { api, ids, phone } of owners) {
        await allEnded(api, ids, 60_000);
        kept.push(...(await assertKept(api, ids)));
        for (const id of ids) {
          again += await callsMadeAgain(
            api,
            target.hits.filter((hit) => hit.taskId === id),
          );
          await assertTold(phone, id);
        }
      }
      for (const { task, audit } of kept) assert.equal(audit.planned, slots, task.name);
      for (const { logged } of servers) assert.deepEqual(logged('unhandledRejection'), []);
      return { kept, again };
    },
  };
}

/** Calls of attempts that the store knows nothing of; each that it knows was made at most once, and in order. */
async function callsMadeAgain(api: ApiClient, hits: Hit[]): Promise<number> {
  let again = 0;
  const byRun = new Map<string, Hit[]>();
  for (const hit of hits) byRun.set(hit.runId, [...(byRun.get(hit.runId) ?? []), hit]);
  for (const [runId, calls] of byRun) {
    const { attempts } = await api.run(runId);
    const told = JSON.stringify({
      runId,
      attempts,
      calls: calls.map(({ fence, arrivedAt }) => [fence, arrivedAt]),
    });
    const fences = calls.map(({ fence }) => fence);
    assert.equal(new Set(fences).size, fences.length, `an attempt called twice: ${told}`);
    assert.deepEqual(
      fences,
      fences.toSorted((a, b) => a - b),
      `fences grow: ${told}`,
    );
    again += fences.filter((fence) => !attempts.some((attempt) => attempt.fence === fence)).length;
  }
  return again;
}

/** From the first frame to the last: no hole in the topic's seq but across a `reset`, and all of it came. */
async function assertTold(phone: SocketClient, taskId: string): Promise<void> {
  const topic = `task:${taskId}` as const;
  const whole = await phone.subscribe(topic);
  let seq: number | null = null;
  for (const frame of phone.frames) {
    if (frame === whole) break;
    const answersIt = frame.payload?.topic === topic && ['subscribed', 'reset'].includes(frame.type);
    if (answersIt) seq = frame.payload.seq;
    else if (frame.topic === topic && frame.seq !== undefined) {
      assert.ok(seq !== null, `${topic}: an event before the answer`);
      assert.equal(frame.seq, seq + 1, `${topic}: ${frame.type} after ${seq}`);
      seq = frame.seq;
    }
  }
  assert.equal(seq, whole.payload.seq, `${topic}: the last event has come`);
}
