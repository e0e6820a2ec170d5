/** Servers that hold sockets, each in a process of its own: the product's, and peers that pass on what Redis publishes. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const MAIN = new URL('../../dist/server/main.js', import.meta.url).pathname;
const peer = (kind) => new URL(`../socket-peer-${kind}.mjs`, import.meta.url).pathname;

/** `kind`: `zhundian`, `ws` or `socketio`. Resolves once it listens on `port` of loopback. */
export async function startSocketServer(kind, { redisUrl, port, secret }) {
  const env = {
    ...process.env,
    HOST: '127.0.0.1',
    PORT: String(port),
    REDIS_URL: redisUrl,
    JWT_SECRET: secret,
    ROLE: 'api',
    LOG_LEVEL: 'info',
  };
  const script = kind === 'zhundian' ? MAIN : peer(kind);
  const child = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  // A bench that throws leaves nothing behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes(`127.0.0.1:${port}`)) break;
  }
  child.stdout.resume();
  return {
    url: `ws://127.0.0.1:${port}${kind === 'zhundian' ? '/api/realtime' : ''}`,
    /** Resident memory in bytes. */
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) * 1024,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
