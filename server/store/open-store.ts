/** The one place that knows the stores: Redis when a URL is given, the embedded store otherwise. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Part } from '../lib/lifecycle.ts';
import { createClient, parseRedisUrl } from './redis/client.ts';
import { createRedisStore } from './redis/redis-store.ts';
import { FILE_NAME } from './sqlite/open-file.ts';
import { createSqliteStore } from './sqlite/sqlite-store.ts';
import { StartError } from './status.ts';
import type { Store } from './store.ts';

export interface StoreChoice {
  /** `redis[s]://`, `redis+sentinel://`, `redis+cluster://`; null: embedded. */
  redisUrl: string | null;
  /** Of all keys; default `zd`. */
  keyPrefix?: string | undefined;
  /** Folder of the embedded store. */
  dataDir: string;
}

export function openStore({ redisUrl, keyPrefix, dataDir }: StoreChoice): Store {
  if (redisUrl === null) return createSqliteStore({ dir: dataDir });
  return createRedisStore(keyPrefix === undefined ? { url: redisUrl } : { url: redisUrl, keyPrefix });
}

/** A store by the address that a person gives. */
export interface StorePlace {
  /** The address as it may be shown: whole, without user and password. */
  label: string;
  /** Not started; starts although a mark keeps servers off (mark.ts). */
  open(): Store;
}

/**
 * `file:<folder>` or a Redis address. `mustExist`: a folder without a store is refused instead of being made one.
 * @throws StartError of one line, which repeats no password.
 */
export function storePlace(
  address: string,
  { mustExist, keyPrefix }: { mustExist: boolean; keyPrefix?: string },
): StorePlace {
  if (address.startsWith('file:')) {
    const dir = folderOf(address, mustExist);
    return { label: `file:${dir}`, open: () => createSqliteStore({ dir, forMove: true }) };
  }
  const label = labelOfRedis(address);
  const options = keyPrefix === undefined ? { url: address } : { url: address, keyPrefix };
  return { label, open: () => createRedisStore({ ...options, forMove: true }) };
}

/** Absolute, links followed, so that one folder has one name. */
function folderOf(address: string, mustExist: boolean): string {
  const path = address.startsWith('file://') ? pathOfUrl(address) : address.slice(5);
  if (path === '') throw new StartError('file: names no folder');
  const dir = existsSync(path) ? realpathSync(path) : resolve(path);
  if (existsSync(dir) && !statSync(dir).isDirectory()) throw new StartError(`${dir} is not a folder`);
  if (mustExist && !existsSync(join(dir, FILE_NAME)))
    throw new StartError(`there is no store in ${dir}: no ${FILE_NAME}`);
  return dir;
}

function pathOfUrl(address: string): string {
  try {
    return fileURLToPath(address);
  } catch {
    throw new StartError(
      'file:// must be followed by an absolute path, percent-encoded; file:<folder> need not be',
    );
  }
}

function labelOfRedis(address: string): string {
  if (!/^(rediss?|redis\+sentinel|redis\+cluster):\/\//.test(address))
    throw new StartError(
      'a place begins with file:, redis://, rediss://, redis+sentinel:// or redis+cluster://',
    );
  let target: ReturnType<typeof parseRedisUrl>;
  try {
    target = parseRedisUrl(address);
  } catch (error) {
    throw new StartError((error as Error).message.replace('REDIS_URL', 'the Redis address'));
  }
  const { mode, hosts, tls, name, db } = target;
  const scheme = mode === 'standalone' ? (tls ? 'rediss' : 'redis') : `redis+${mode}`;
  const list = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  return `${scheme}://${list}${name === '' ? '' : `/${name}`}${mode === 'cluster' ? '' : `/${db}`}`;
}

/**
 * A connection for what may be lost without harm (rate limits), so that it never stands in the way of the store's own.
 * Its client is ioredis'; an unreachable Redis is no error here.
 */
export function openSideConnection(redisUrl: string): Part & { readonly client: object } {
  const client = createClient(parseRedisUrl(redisUrl), 'zhundian-side');
  client.on('error', () => undefined);
  return {
    client,
    async start() {
      await client.connect().catch(() => undefined);
    },
    async stop() {
      client.disconnect();
    },
  };
}
