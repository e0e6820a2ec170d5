/** What a Redis must be before it is trusted with slots, and what its configuration promises. */
import type { Redis } from 'ioredis';
import { hostClock } from '../../lib/clock.ts';
import { PARTITIONS } from '../ids.ts';
import { decodeMark, refuseMarked } from '../mark.ts';
import type { StoreInfo } from '../requests.ts';
import { StartError } from '../status.ts';
import type { RedisClient } from './client.ts';
import { replyCode } from './store-errors.ts';

/** Of keys and values; grows when an older server could not read them. */
const FORMAT = 2;
const OLDEST_REDIS = 7;
const SKEW_WORTH_SAYING_MS = 1_000;

/** What was found out about one server; null where it may not be asked. */
interface ServerFacts {
  version: string;
  isValkey: boolean;
  isReplica: boolean;
  isOfCluster: boolean;
  /** Its clock minus this host's, ms, and how far that may be off. */
  clockMs: number;
  clockErrorMs: number;
  eviction: string | null;
  appendOnly: boolean | null;
  appendFsync: string | null;
  configAllowed: boolean;
}

/** Checks every master; throws a StartError of one line, or answers the durability line and warnings. */
export async function checkServers(client: RedisClient): Promise<StoreInfo> {
  if (!('nodes' in client)) await checkDatabase(client);
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  const facts = await Promise.all(servers.map(readFacts));
  for (const { version, isValkey, eviction, isReplica, isOfCluster } of facts) {
    if (isOfCluster && !('nodes' in client)) {
      throw new StartError('REDIS_URL names a node of a cluster: use redis+cluster://host:port,host:port');
    }
    if (isReplica) {
      throw new StartError(
        'REDIS_URL names a replica, which takes no writes: name its master, or its sentinels with redis+sentinel://',
      );
    }
    if (!isValkey && Number.parseInt(version, 10) < OLDEST_REDIS) {
      throw new StartError(`Redis ${version} is too old: ${OLDEST_REDIS} or newer, or Valkey, is needed`);
    }
    if (eviction !== null && eviction !== 'noeviction') {
      throw new StartError(
        `Redis has maxmemory-policy ${eviction} and would drop runs: set it to noeviction`,
      );
    }
  }
  const worst = facts
    .map(durability)
    .reduce((a, b) => (b.rank < a.rank ? b : a), { rank: 9, line: '', warning: '' });
  const warnings = worst.warning === '' ? [] : [worst.warning];
  if (facts.some((server) => !server.configAllowed)) {
    warnings.push('Redis does not permit CONFIG: durability is known from INFO only, as far as it says');
  }
  if (facts.some(({ eviction }) => eviction === null)) {
    warnings.push('Redis does not tell its maxmemory-policy: make sure that it is noeviction');
  }
  const skewMs = clockSkewMs(facts);
  if (skewMs > SKEW_WORTH_SAYING_MS) {
    warnings.push(
      `the clocks of the Redis masters are ${(skewMs / 1_000).toFixed(1)} s apart: slots fire by the clock of their own; run NTP`,
    );
  }
  return { durability: worst.line, warnings };
}

/** How far the clocks are apart at the least, ms. */
export function clockSkewMs(facts: readonly Pick<ServerFacts, 'clockMs' | 'clockErrorMs'>[]): number {
  const latest = Math.max(...facts.map(({ clockMs, clockErrorMs }) => clockMs - clockErrorMs));
  const earliest = Math.min(...facts.map(({ clockMs, clockErrorMs }) => clockMs + clockErrorMs));
  return Math.max(0, latest - earliest);
}

async function readFacts(server: Redis): Promise<ServerFacts> {
  const info = parseInfo(await server.info());
  const before = hostClock.now();
  const [seconds, micros] = (await server.time()) as [number | string, number | string];
  const after = hostClock.now();
  const config = await readConfig(server);
  const aof = config?.get('appendonly') ?? { '0': 'no', '1': 'yes' }[info.get('aof_enabled') ?? ''];
  return {
    version: info.get('valkey_version') ?? info.get('redis_version') ?? '0',
    isReplica: info.get('role') === 'slave',
    isOfCluster: info.get('cluster_enabled') === '1',
    clockMs: Number(seconds) * 1_000 + Number(micros) / 1_000 - (before + after) / 2,
    // Half the way there and back, and what whole ms hide.
    clockErrorMs: (after - before) / 2 + 1,
    isValkey: info.has('valkey_version') || info.get('server_name') === 'valkey',
    eviction: config?.get('maxmemory-policy') ?? info.get('maxmemory_policy') ?? null,
    appendOnly: aof === undefined ? null : aof === 'yes',
    appendFsync: config?.get('appendfsync') ?? null,
    configAllowed: config !== null,
  };
}

/** Null when CONFIG is forbidden or renamed, as on managed Redis. */
async function readConfig(server: Redis): Promise<Map<string, string> | null> {
  try {
    const flat = (await server.config('GET', 'maxmemory-policy', 'appendonly', 'appendfsync')) as string[];
    const map = new Map<string, string>();
    for (let at = 0; at < flat.length; at += 2) map.set(flat[at] as string, flat[at + 1] as string);
    return map.size === 0 ? null : map;
  } catch (error) {
    if (replyCode(error) === null) throw error;
    return null;
  }
}

const parseInfo = (text: string): Map<string, string> =>
  new Map(
    text
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );

function durability({ appendOnly, appendFsync }: ServerFacts): {
  rank: number;
  line: string;
  warning: string;
} {
  if (appendOnly === null) {
    return { rank: 1, line: 'Redis does not tell what an acknowledged write survives', warning: '' };
  }
  if (!appendOnly) {
    const warning = 'Redis has appendonly no: when it dies, everything since its last snapshot is lost';
    return { rank: 0, line: 'Redis: snapshots only, no append-only file', warning };
  }
  if (appendFsync === 'always') {
    return {
      rank: 5,
      line: 'Redis: an acknowledged write survives the loss of process and machine',
      warning: '',
    };
  }
  if (appendFsync === 'no') {
    const line =
      'Redis: an acknowledged write survives the loss of the process; up to 30 s are lost with the machine';
    return { rank: 2, line, warning: '' };
  }
  const line =
    'Redis: an acknowledged write survives the loss of the process; up to about 2 s are lost with the machine, or if the disk stalls';
  return appendFsync === 'everysec'
    ? { rank: 4, line, warning: '' }
    : { rank: 3, line: 'Redis: append-only file, fsync unknown', warning: '' };
}

/** ioredis goes on with database 0 when Redis refuses the one that was asked for, and says nothing. */
async function checkDatabase(client: Redis): Promise<void> {
  const { db = 0 } = client.options;
  if (db === 0) return;
  try {
    await client.select(db);
  } catch (error) {
    if (replyCode(error) === null) throw error;
    throw new StartError(`REDIS_URL: Redis refuses database ${db}: ${(error as Error).message}`);
  }
}

/**
 * Makes the meta key or compares it: data of another format, or split otherwise, is not touched; nor is what a move has
 * marked, unless the start is the move's own.
 */
export async function checkMeta(client: RedisClient, key: string, forMove: boolean): Promise<void> {
  let found: Record<string, string>;
  try {
    await client.hsetnx(key, 'format', FORMAT);
    await client.hsetnx(key, 'partitions', PARTITIONS);
    found = await client.hgetall(key);
  } catch (error) {
    if (replyCode(error) === 'WRONGTYPE')
      throw new StartError(`the Redis key ${key} belongs to another program`);
    throw error;
  }
  if (Number(found.format) !== FORMAT) {
    throw new StartError(`the data in Redis has format ${found.format}; this version reads format ${FORMAT}`);
  }
  if (Number(found.partitions) !== PARTITIONS) {
    throw new StartError(
      `the data in Redis has ${found.partitions} partitions; this version has ${PARTITIONS}`,
    );
  }
  if (found.mark !== undefined && !forMove) {
    const [seconds, micros] = await client.time();
    const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    refuseMarked(decodeMark(found.mark), now, 'the data in Redis', 'REDIS_URL');
  }
}
