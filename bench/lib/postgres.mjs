/** A PostgreSQL of the bench's own with the settings of initdb, for the peers that live on one. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { atEnd, tempFolder } from './ends.mjs';
import { freePort } from './redis.mjs';

/** Where initdb is: PATH first, then Debian's folders, newest first. Null: PostgreSQL is not installed. */
export function findPostgres() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(':'),
    ...versions.map((version) => join(debian, version, 'bin')),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null;
}

/** `15.18`, or null without PostgreSQL. */
export function postgresVersion() {
  const bin = findPostgres();
  if (bin === null) return null;
  return (
    /[\d.]+/.exec(spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? null
  );
}

/** Rejects with what PostgreSQL said when it does not start. */
export async function startPostgres() {
  const bin = findPostgres();
  if (bin === null) throw new Error('PostgreSQL is not installed');
  const who = otherThanRoot();
  const folder = tempFolder();
  if (who.uid !== undefined) chownSync(folder.path, who.uid, who.gid);
  const data = join(folder.path, 'data');
  const initArgs = ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8'];
  const init = promisify(execFile)(join(bin, 'initdb'), initArgs, { ...who, cwd: folder.path });
  const initEnded = atEnd(() => init.child.kill('SIGKILL'));
  await init;
  initEnded();
  const port = await freePort();
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder.path];
  const child = spawn(join(bin, 'postgres'), args, {
    ...who,
    cwd: folder.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const forget = atEnd(() => child.kill('SIGQUIT'));
  await ready(child);
  return {
    url: `postgres://bench@127.0.0.1:${port}/postgres`,
    async stop() {
      child.kill('SIGINT'); // fast shutdown: does not wait for clients
      await ended;
      forget();
      folder.remove();
    },
  };
}

async function ready({ stderr }) {
  const said = [];
  for await (const line of createInterface({ input: stderr })) {
    said.push(line);
    if (!line.includes('database system is ready to accept connections')) continue;
    stderr.resume();
    return;
  }
  throw new Error(`PostgreSQL ended: ${said.join('\n')}`);
}

/** PostgreSQL refuses root: then Debian's own user runs it. */
function otherThanRoot() {
  if (process.getuid() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  if (line === undefined) throw new Error('as root, PostgreSQL needs a user named postgres');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
