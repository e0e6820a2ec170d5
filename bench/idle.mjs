/** CPU and memory of the built server with nothing to do: no task, no request. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { round } from './lib/numbers.mjs';
import { startRedis } from './lib/redis.mjs';

const [settleMs, windowMs] = [10_000, 30_000];
const table = {};
const redis = await startRedis();
try {
  for (const [name, redisUrl] of [
    ['embedded', ''],
    ['redis', redis.url],
  ])
    table[name] = await idle(redisUrl);
} finally {
  await redis.stop();
}
console.table(table);
console.log(JSON.stringify({ scenario: 'idle', ...table, goal: '< 1 % CPU, < 130 MiB RSS' }));

async function idle(redisUrl) {
  const dataDir = mkdtempSync(join(tmpdir(), 'zhundian-bench-'));
  // A real appid: no sandbox and so no sample tasks.
  const env = {
    ...process.env,
    PORT: '0',
    DATA_DIR: dataDir,
    REDIS_URL: redisUrl,
    WECHAT_APPID: 'wx0',
    WECHAT_SECRET: 's',
    LOG_LEVEL: 'warn',
  };
  const main = new URL('../dist/server/main.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await wait(settleMs);
    const before = ticks(child.pid);
    await wait(windowMs);
    const cpuPct = round(((ticks(child.pid) - before) * 10 * 100) / windowMs);
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const rssMiB = round(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1_024, 1);
    return { cpuPct, rssMiB };
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** User and system time in ticks of 10 ms, all threads. */
function ticks(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
