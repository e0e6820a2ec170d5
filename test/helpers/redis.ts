import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { tempDir } from './temp-dir.ts';

/** The Redis that `npm test` has started, or null: then a suite skips itself with the reason `needs redis`. */
export function redisUrl(): string | null {
  return process.env.TEST_REDIS_URL || null;
}

/** The redis-server program for tests that kill one, or null: then they skip themselves as above. */
export function redisServerPath(): string | null {
  if (process.env.TEST_REDIS_SERVER) return process.env.TEST_REDIS_SERVER;
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'redis-server'));
  return candidates.find(isExecutable) ?? null;
}

export interface SpawnRedisOptions {
  /** Where its append-only file lives; given again, the data is there again. Default: a folder of its own. */
  dir?: string;
  /** Default: a free one. */
  port?: number;
  /** Further redis-server options, after our own and so stronger: `['--appendfsync', 'always']`. */
  args?: string[];
  /** Default: `redisServerPath()`. */
  server?: string;
  /** What its log says when it may be used; default: that it accepts connections. */
  ready?: string;
}

export interface SpawnedRedis {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  /** Changes with `restart`. */
  readonly pid: number;
  /** Lets it write what it holds and end. Nothing happens when it has ended already. */
  stop(): Promise<void>;
  /** SIGKILL: what a crash looks like. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and folder (after `stop`, if it still runs). */
  restart(): Promise<void>;
}

/**
 * Starts a real redis-server on loopback (append-only file with everysec, no eviction) and waits until it answers.
 * It ends with `stop`, and in any case with this process.
 */
export async function spawnRedis(options: SpawnRedisOptions = {}): Promise<SpawnedRedis> {
  const program = options.server ?? redisServerPath();
  if (program === null) throw new Error('spawnRedis: no redis-server in PATH');
  const dir = options.dir ?? tempDir();
  const args = options.args ?? [];
  const start = () => launch(program, port, dir, args, options.ready);

  // Between the choice of a free port and its use another process may take it: choose again.
  let port = options.port ?? (await freePort());
  let child = await start().catch(async (error: unknown) => {
    if (options.port !== undefined || !String(error).includes('Address already in use')) throw error;
    port = await freePort();
    return start();
  });

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return child.pid as number;
    },
    stop: () => endProcess(child, 'SIGTERM'),
    kill9: () => endProcess(child, 'SIGKILL'),
    async restart() {
      await endProcess(child, 'SIGTERM');
      child = await start();
    },
  };
}

/** A port of 127.0.0.1 on which nobody listens right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('freePort: not a TCP port');
  return address.port;
}

const living = new Set<ChildProcess>();

async function launch(
  program: string,
  port: number,
  dir: string,
  args: string[],
  ready = 'Ready to accept connections',
): Promise<ChildProcess> {
  const own = [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', dir, '--daemonize', 'no'],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
    ...['--maxmemory-policy', 'noeviction', '--loglevel', 'notice', '--logfile', ''],
  ];
  return launchProcess({ program, port, dir, args: [...own, ...args], ready });
}

/** A process of redis-server that listens on the port once it has logged `ready`; it ends with this process at the latest. */
export async function launchProcess(options: {
  program: string;
  port: number;
  dir: string;
  args: string[];
  ready: string;
}): Promise<ChildProcess> {
  const { program, port, dir, args, ready } = options;
  const child = spawn(program, args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  endWithThisProcess(child);
  await readyLine(child, port, ready);
  await ping(port);
  // A test that forgets it must not hang: it goes when this process goes.
  child.unref();
  (child.stdout as Socket | null)?.unref();
  (child.stderr as Socket | null)?.unref();
  return child;
}

function readyLine(child: ChildProcess, port: number, ready: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const log: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) continue;
      createInterface({ input }).on('line', (line) => {
        log.push(line);
        if (log.length > 20) log.shift();
        if (line.includes(ready)) resolve();
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`redis-server on port ${port} ended (${signal ?? code}):\n${log.join('\n')}`));
    });
  });
}

async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write('PING\r\n');
    const [reply] = (await once(socket, 'data')) as [Buffer];
    // With a password it answers -NOAUTH, with much to load -LOADING, and is there all the same.
    if (!/^(\+PONG|-NOAUTH|-LOADING)/.test(reply.toString()))
      throw new Error(`redis-server answered PING with ${reply}`);
  } finally {
    socket.destroy();
  }
}

/** Ends it by a signal and waits; nothing happens when it has ended already. */
export async function endProcess(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

function endWithThisProcess(child: ChildProcess): void {
  hookProcessEnd();
  living.add(child);
  child.once('exit', () => living.delete(child));
}

const killAll = () => {
  for (const child of living) child.kill('SIGKILL');
};

let hooked = false;

function hookProcessEnd(): void {
  if (hooked) return;
  hooked = true;
  process.once('exit', killAll);
  // The test runner ends a file that takes too long with SIGTERM, which runs no exit handler.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    if (process.listenerCount(signal) > 0) continue;
    process.once(signal, () => {
      killAll();
      process.kill(process.pid, signal);
    });
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
