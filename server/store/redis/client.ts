/**
 * Makes the Redis client that a URL asks for: `redis[s]://`, `redis+sentinel://host:port,host:port/name[/db]` or
 * `redis+cluster://host:port,host:port`. With ioredis' defaults a black hole hangs for more than 4 s, and a reply lost
 * before a reset runs a command twice (measured); with these a command fails within 500 ms and is never sent again.
 */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { StartError } from '../status.ts';
import { replyCode } from './store-errors.ts';

export type RedisClient = Redis | Cluster;

/** Within the 1 s that the contract gives an operation of two round trips. */
export const COMMAND_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1_000;
const SLOTS_REFRESH_MS = 5_000;

/** 250 to 1,000 ms, with jitter so that servers do not come back all at once. */
export const retryDelayMs = (times: number): number =>
  Math.min(750, 125 * 2 ** Math.min(times, 3)) + Math.random() * 250;

/** Where a URL leads. */
export interface Target {
  mode: 'standalone' | 'sentinel' | 'cluster';
  hosts: { host: string; port: number }[];
  tls: boolean;
  username: string | undefined;
  password: string | undefined;
  /** Sentinel's name of the master. */
  name: string;
  db: number;
}

const FORMS = 'redis://[user:password@]host[:port][/db], rediss://, redis+sentinel:// or redis+cluster://';

/** Takes a URL apart, or throws a StartError. URL itself refuses several hosts. */
export function parseRedisUrl(url: string): Target {
  const parts =
    /^(redis|rediss|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?$/.exec(url);
  if (parts === null) throw new StartError(`REDIS_URL must have the form ${FORMS}`);
  const [, scheme, login = '', list = '', path = ''] = parts;
  const mode =
    scheme === 'redis+sentinel' ? 'sentinel' : scheme === 'redis+cluster' ? 'cluster' : 'standalone';
  const hosts = list.split(',').map((text) => parseHost(text, mode === 'sentinel' ? 26_379 : 6_379));
  if (mode === 'standalone' && hosts.length > 1)
    throw new StartError('REDIS_URL names several hosts for redis://');
  const segments = path.split('/').filter(Boolean);
  const name = mode === 'sentinel' ? segments.shift() : '';
  if (name === undefined) throw new StartError('REDIS_URL names no master: redis+sentinel://host:port/name');
  const db = Number(segments.shift() ?? 0);
  if (!Number.isInteger(db) || db < 0 || segments.length > 0)
    throw new StartError('REDIS_URL names no valid database');
  if (mode === 'cluster' && db !== 0) throw new StartError('REDIS_URL: a cluster has only database 0');
  const colon = login.indexOf(':');
  return {
    mode,
    hosts,
    tls: scheme === 'rediss',
    username: decode(colon === -1 ? login : login.slice(0, colon)) || undefined,
    password: colon === -1 ? undefined : decode(login.slice(colon + 1)),
    name,
    db,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StartError('REDIS_URL: user and password must be percent-encoded');
  }
}

function parseHost(text: string, defaultPort: number): { host: string; port: number } {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  if (match === null) throw new StartError(`REDIS_URL must have the form ${FORMS}`);
  return { host: (match[1] as string).replace(/^\[|\]$/g, ''), port: Number(match[2] ?? defaultPort) };
}

/** What every connection has in common. */
function commonOptions(target: Target, connectionName: string) {
  return {
    username: target.username,
    password: target.password,
    connectionName,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // A frozen peer does not answer a good-bye either; ioredis waits 2 s for it.
    disconnectTimeout: COMMAND_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    autoResendUnfulfilledCommands: false,
    // The subscribers do, and tell of it.
    autoResubscribe: false,
    keepAlive: 10_000,
    // A master that became a replica: look for the new one. The command itself is not sent again.
    reconnectOnError: (error) => replyCode(error) === 'READONLY',
    // Proxies of managed Redis often know RESP2 only.
    protocol: 2,
    ...(target.tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
}

/** Not connected yet; `connect()` does. Errors of the connection must be listened to by the caller. */
export function createClient(target: Target, connectionName: string): RedisClient {
  const common = commonOptions(target, connectionName);
  if (target.mode === 'cluster') {
    return new Cluster(target.hosts, {
      lazyConnect: true,
      enableOfflineQueue: false,
      clusterRetryStrategy: retryDelayMs,
      slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      // By itself ioredis 6 learns of a failover from MOVED only, which a dead master does not say (link.ts asks then,
      // too). What nobody asks about is found within this.
      slotsRefreshInterval: SLOTS_REFRESH_MS,
      // A command answers within 1 s: no waiting inside the client beyond one redirection to a new owner.
      maxRedirections: 2,
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      retryDelayOnTryAgain: 0,
      clusterNodeRetryStrategy: retryDelayMs,
      redisOptions: common,
    });
  }
  const options = singleOptions(target, connectionName);
  if (target.mode === 'sentinel') {
    return new Redis({
      ...options,
      sentinels: target.hosts,
      name: target.name,
      sentinelRetryStrategy: retryDelayMs,
      sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
    });
  }
  return new Redis({ ...options, ...target.hosts[0] });
}

/** One node of a cluster, for as long as the connection stands: it is not made again by itself. */
export function createNodeClient(
  target: Target,
  address: { host: string; port: number },
  connectionName: string,
): Redis {
  return new Redis({ ...singleOptions(target, connectionName), ...address, retryStrategy: null });
}

/**
 * Gives all connections up and makes them anew. A cluster of ioredis 6 goes on once a node's connection has ended, and one
 * that waits to be made again never does when it is given up: with every node gone it stayed away for good.
 */
export function reconnect(client: RedisClient): void {
  if (client instanceof Cluster) {
    for (const node of client.nodes()) {
      // Given up at once, below: this one ends.
      if (node.status === 'reconnecting') node.connect().catch(() => {});
    }
  }
  client.disconnect(true);
}

const singleOptions = (target: Target, connectionName: string): RedisOptions => ({
  ...commonOptions(target, connectionName),
  db: target.db,
  lazyConnect: true,
  enableOfflineQueue: false,
  retryStrategy: retryDelayMs,
});
