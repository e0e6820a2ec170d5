/** A redis-server of the bench's own, with the settings that docs/operating recommends and, unless said, Redis' default hz. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { atEnd, tempFolder } from './ends.mjs';

/** `hz`: how often Redis looks at its timers; blocked clients (BullMQ's workers) are woken at that pace. */
export async function startRedis({ hz = 10 } = {}) {
  const folder = tempFolder();
  const port = await freePort();
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder.path,
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
    hz,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const forget = atEnd(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout }))
    if (line.includes('Ready to accept')) break;
  child.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      forget();
      folder.remove();
    },
  };
}

/** A port of loopback that nobody listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
