import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { repoRoot } from '../rules/source-files.ts';
import { tempDir } from './temp-dir.ts';

export interface ServerOptions {
  /** Folder of the embedded store; given again, the data is there again. Default: a folder of its own. */
  dataDir?: string;
  /** Absent: the embedded store. */
  redisUrl?: string;
  /** Further settings, stronger than our own. */
  env?: Record<string, string>;
  /** Modules that Node loads before the program, such as a clock that is wrong. */
  preload?: URL[];
}

/** How a process ended. */
export interface ServerEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One line of the server's log. */
export interface LogLine {
  level: number;
  time: number;
  msg: string;
  [field: string]: unknown;
}

/** A built server (`dist/server/main.js`) in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  readonly ended: Promise<ServerEnd>;
  /** Log lines that begin with this text, oldest first. */
  logged(text: string): LogLine[];
  /** All that was written to standard output and to standard error. */
  output(): { stdout: string; stderr: string };
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL: what a crash looks like. */
  kill9(): Promise<void>;
  /** SIGTERM, and how it ended. */
  stop(): Promise<ServerEnd>;
  /** CPU time used so far, user and system, in ms; null where there is no /proc. */
  cpuMs(): number | null;
}

const MAIN = fileURLToPath(new URL('../../server/main.js', import.meta.url));
/** Ends a server whose test was killed and could not end it. */
const FOLLOW_PARENT = pathToFileURL(join(repoRoot, 'scripts', 'lib', 'follow-parent.mjs'));
/** What a start takes on a machine that is busy with other tests. */
const START_WITHIN_MS = 30_000;

/**
 * Starts a server on a free port of loopback and waits until it says where it is. It ends with `stop` or `kill9`, and
 * in any case with this process. Rejects with what the server said when it ends before that.
 */
export async function startServer(options: ServerOptions = {}): Promise<ServerProcess> {
  const server = launch(options);
  const { child } = server;
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the server did not start in time')), START_WITHIN_MS);
  });
  const ended = server.ended.then(({ code, signal }) => {
    throw new Error(`the server ended (${signal ?? code}):\n${server.output.stderr || server.output.stdout}`);
  });
  try {
    const origin = await Promise.race([server.origin, ended, tooLong]);
    return {
      pid: child.pid as number,
      origin,
      ended: server.ended,
      logged: (text) => server.log.filter((line) => line.msg.startsWith(text)),
      output: () => server.output,
      signal: (signal) => void child.kill(signal),
      async kill9() {
        child.kill('SIGKILL');
        await server.ended;
      },
      stop() {
        child.kill('SIGTERM');
        return server.ended;
      },
      cpuMs: () => cpuMsOf(child.pid as number),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a server that is expected to refuse, and waits for its end. */
export async function runServer(
  options: ServerOptions = {},
): Promise<ServerEnd & { stdout: string; stderr: string }> {
  const server = launch(options);
  const timer = setTimeout(() => server.child.kill('SIGKILL'), START_WITHIN_MS);
  const end = await server.ended;
  clearTimeout(timer);
  return { ...end, ...server.output };
}

interface Launched {
  child: ChildProcess;
  origin: Promise<string>;
  ended: Promise<ServerEnd>;
  log: LogLine[];
  output: { stdout: string; stderr: string };
}

function launch({ dataDir, redisUrl, env = {}, preload = [] }: ServerOptions): Launched {
  const folder = dataDir ?? (redisUrl === undefined ? tempDir() : '');
  const imports = [FOLLOW_PARENT, ...preload].flatMap((module) => ['--import', module.href]);
  const child = spawn(process.execPath, [...imports, MAIN], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      // Nothing of this shell's settings; PATH and TMPDIR are the machine's.
      ...pick(process.env, ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'HOME', 'SystemRoot']),
      PORT: '0',
      DATA_DIR: folder,
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
      ...env,
    },
  });
  endWithThisProcess(child);
  const output = { stdout: '', stderr: '' };
  const log: LogLine[] = [];
  let found: (origin: string) => void = () => {};
  const origin = new Promise<string>((resolve) => {
    found = resolve;
  });
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    output.stdout += `${line}\n`;
    if (line.startsWith('{')) log.push(JSON.parse(line) as LogLine);
    const where = /^准点 .*(http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (where !== undefined) found(where);
  });
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
    output.stderr += `${line}\n`;
  });
  // `close`: all that it wrote has been read.
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }) as ServerEnd);
  return { child, origin, ended, log, output };
}

function pick(env: NodeJS.ProcessEnv, names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** utime and stime, fields 14 and 15 of proc_pid_stat(5), count hundredths of a second on every Linux that Node runs on. */
function cpuMsOf(pid: number): number | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  // The name in parentheses may hold anything, spaces and parentheses included.
  const fields = readFileSync(file, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const living = new Set<ChildProcess>();
let hooked = false;

function endWithThisProcess(child: ChildProcess): void {
  if (!hooked) {
    hooked = true;
    process.once('exit', () => {
      for (const one of living) one.kill('SIGKILL');
    });
    // The test runner ends a file that takes too long with SIGTERM, which by itself runs no exit handler.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => process.exit(1));
  }
  living.add(child);
  child.once('exit', () => living.delete(child));
}
