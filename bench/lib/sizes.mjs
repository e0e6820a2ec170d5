/** How much is kept: in Redis' memory, on disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { tempFolder } from './ends.mjs';
import { idleTasks } from './idle-tasks.mjs';
import { startStore } from './store.mjs';
import { createTasks } from './tasks.mjs';
import { until } from './until.mjs';

/** `used_memory`: keys, values, and what Redis itself needs for them; buffers of clients and of the log are not counted. */
export async function redisBytes(url) {
  const field = await redisInfo(url, 'memory');
  return field('used_memory') - field('mem_aof_buffer') - field('mem_clients_normal');
}

/** Waits until Redis rewrites no log: a fork beside the measurement is not what it is about. Rejects after two minutes. */
export function redisQuiet(url) {
  return until('the end of the rewriting of the log', 120_000, async () => {
    const field = await redisInfo(url, 'persistence');
    return field('aof_rewrite_in_progress') + field('aof_rewrite_scheduled') === 0;
  });
}

async function redisInfo(url, section) {
  const redis = new Redis(url);
  const info = await redis.info(section);
  redis.disconnect();
  return (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)[1]);
}

/**
 * Bytes on disk per reference task once an embedded store with `count` of them and nothing else has been stopped. While it
 * runs, its log has room made in advance, which hides what tasks add.
 */
export async function diskBytesPerTask(count) {
  const folder = tempFolder();
  const store = await startStore({ redisUrl: null, dataDir: folder.path });
  for (let at = 0; at < count; at += 10_000)
    await createTasks(store, Date.now(), idleTasks(at, Math.min(count, at + 10_000), Date.now()));
  await store.stop();
  const bytes = readdirSync(folder.path, { recursive: true })
    .map((name) => statSync(join(folder.path, name)))
    .reduce((sum, file) => (file.isFile() ? sum + file.size : sum), 0);
  folder.remove();
  return Math.round(bytes / count);
}
