/** The move as a person gives it: a process on a folder and a real Redis, between two real servers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDb } from '../../../server/store/sqlite/driver.ts';
import type { Audit } from '../../../shared/run.ts';
import type { Task } from '../../../shared/task.ts';
import { redisServerPath, type SpawnedRedis, spawnRedis } from '../../helpers/redis.ts';
import { runServer, type ServerProcess, startServer } from '../../helpers/server-process.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { poll } from '../../store/contract/bench.ts';
import { makeLives, startStore } from './random-lives.ts';

const MOVE = fileURLToPath(new URL('../../../server/move.js', import.meta.url));
const needsRedis = { skip: redisServerPath() === null ? 'needs redis' : false };

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** `killAt`: SIGKILL as soon as standard output matches. */
async function runMove(
  args: string[],
  { env = {}, killAt }: { env?: Record<string, string>; killAt?: RegExp } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MOVE, ...args], { env: { PATH: process.env.PATH, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (killAt?.test(out)) child.kill('SIGKILL');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

async function redisFor(t: { after(fn: () => unknown): void }, args: string[] = []): Promise<SpawnedRedis> {
  const redis = await spawnRedis({ args });
  t.after(() => redis.stop());
  return redis;
}

async function api<T>(server: ServerProcess, token: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${server.origin}/api${path}`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return (await answer.json()) as T;
}

const auditOf = (server: ServerProcess, token: string, id: string) =>
  api<Audit>(server, token, `/tasks/${id}/audit?fromAt=1`);

it(
  'move: a server on the target goes on where the other one stopped, for the same token',
  needsRedis,
  async (t) => {
    const redis = await redisFor(t, ['--requirepass', 'hush-hush']);
    const address = `redis://:hush-hush@127.0.0.1:${redis.port}/2`;
    const dir = tempDir();
    const first = await startServer({ dataDir: dir });
    const { accessToken } = await api<{ accessToken: string }>(first, '', '/auth/login', { code: 'mover' });
    const { id } = await api<Task>(first, accessToken, '/tasks', {
      name: 'each second',
      schedule: { kind: 'every', everyMs: 1_000 },
      action: { kind: 'handler', name: 'noop' },
    });
    await poll('two slots fire', async () =>
      (await auditOf(first, accessToken, id)).fired >= 2 ? true : undefined,
    );

    const inUse = await runMove(['--from', `file:${dir}`, '--to', address]);
    assert.deepEqual([inUse.code, /in use by another server/.test(inUse.err)], [1, true], inUse.err);
    await first.stop();
    const done = await runMove(['--from', `file:${dir}`, '--to', 'REDIS_URL'], {
      env: { REDIS_URL: address },
    });
    assert.equal(done.code, 0, done.err);
    assert.match(done.out, /^ {2}tasks +\d+$/m);
    assert.match(done.out, new RegExp(`start servers on redis://127.0.0.1:${redis.port}/2 now`));
    assert.doesNotMatch(done.out + done.err + inUse.out + inUse.err, /hush/);

    const refused = await runServer({ dataDir: dir });
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /^zhundian: the data folder .* was moved to redis:\/\/127\.0\.0\.1:\d+\/2 on .*\n$/,
    );

    const second = await startServer({ redisUrl: address });
    try {
      const before = await auditOf(second, accessToken, id);
      await poll('further slots fire', async () => {
        const { fired } = await auditOf(second, accessToken, id);
        return fired >= before.fired + 2 ? true : undefined;
      });
      const after = await auditOf(second, accessToken, id);
      assert.equal(after.ok, true, 'no slot lost, none twice, from before the move to after it');
      const live = await runMove(['--from', address, '--to', `file:${tempDir()}`]);
      assert.deepEqual([live.code, /1 server runs on redis:/.test(live.err)], [1, true], live.err);
    } finally {
      await second.stop();
    }
    // It fires nothing, but it writes.
    const onlyHttp = await startServer({ redisUrl: address, env: { ROLE: 'api' } });
    try {
      const live = await runMove(['--from', address, '--to', `file:${tempDir()}`]);
      assert.deepEqual([live.code, /1 server runs on redis:/.test(live.err)], [1, true], live.err);
    } finally {
      await onlyHttp.stop();
    }
  },
);

it('move: killed in its middle, the same command given again ends it', needsRedis, async (t) => {
  const redis = await redisFor(t);
  const dir = tempDir();
  const store = await startStore({ dir });
  const lives = await makeLives(store, 8, 11);
  const before = await lives.read(store);
  await store.stop();
  const command = ['--from', `file:${dir}`, '--to', redis.url];
  const killed = await runMove(command, { killAt: /^copying/m });
  assert.equal(killed.code, null, killed.out + killed.err);
  const unfinished = await runServer({ redisUrl: redis.url });
  assert.match(
    unfinished.stderr,
    /^zhundian: the data in Redis holds an unfinished move: repeat npm run move -- --from file:/,
  );
  const ended = await runMove(command);
  assert.equal(ended.code, 0, ended.err);
  const target = await startStore({ url: redis.url, keyPrefix: 'zd' });
  assert.deepEqual(await lives.read(target), before);
  await lives.goOn(target);
  await target.stop();
  const undone = await runMove(['--undo', `file:${dir}`]);
  assert.deepEqual([undone.code, undone.out.split('\n').length], [0, 2], undone.err);
});

it('move: what cannot be meant is refused in one line, which repeats no password', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'a-file'), '');
  const store = await startStore({ dir: join(dir, 'old') });
  await store.stop();
  mkdirSync(join(dir, 'newer'));
  const newer = await startStore({ dir: join(dir, 'newer') });
  await newer.stop();
  const db = openDb(join(dir, 'newer', 'zhundian.db'));
  db.exec('PRAGMA user_version = 999');
  db.close();
  const old = `file:${join(dir, 'old')}`;
  const cases: [args: string[], why: RegExp][] = [
    [[], /--from and --to are both needed/],
    [['--from', old], /--from and --to are both needed/],
    [['--from', old, '--to', old], /is both source and target/],
    [['--from', old, '--to', `${old}/../old/`], /is both source and target/],
    [['--from', old, 'redis://:secret@h'], /not understood/],
    [['--form', 'redis://:secret@h'], /not understood/],
    [['--from', old, '--to', 'REDIS_URL'], /REDIS_URL is not set/],
    [['--from', old, '--to', 'mysql://:secret@h/x'], /begins with file:, redis:/],
    [['--from', old, '--to', 'redis://u:se/cret@h'], /Redis address must have the form/],
    [['--from', 'file:', '--to', old], /names no folder/],
    [['--from', 'file:///%', '--to', old], /absolute path, percent-encoded/],
    [['--from', `file://${dir}/old`, '--to', old], /is both source and target/],
    [['--from', `file:${dir}/none`, '--to', old], /there is no store in/],
    [['--from', `file:${dir}/a-file`, '--to', old], /is not a folder/],
    [['--from', old, '--to', `file:${dir}/a-file`], /is not a folder/],
    [['--from', `file:${dir}/newer`, '--to', `file:${dir}/x`], /written by a newer version/],
    [['--from', old, '--to', 'redis://:secret@127.0.0.1:1'], /Redis cannot be used: .*ECONNREFUSED/],
    [['--undo', old, '--from', old], /--undo stands alone/],
    [['--undo', old], /nothing to undo/],
    [['--undo', `file:${dir}/none`], /there is no store in/],
  ];
  for (const [args, why] of cases) {
    const { code, out, err } = await runMove(args);
    assert.equal(code, 1, `${args}: ${out}${err}`);
    assert.match(err.split('\n')[0] as string, why);
    assert.ok(err.split('\n').length <= 3, err);
    assert.doesNotMatch(out + err, /secret|se\/cret|cret@|at \w+ \(/);
  }
  const help = await runMove(['--help']);
  assert.deepEqual([help.code, /--undo/.test(help.out)], [0, true]);
});
