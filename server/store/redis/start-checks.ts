/** What a Redis must be before it is trusted with slots, and what its configuration promises. */
import type { Redis } from 'ioredis';
import { PARTITIONS } from '../ids.ts';
import type { StoreInfo } from '../requests.ts';
import { StartError } from '../status.ts';
import type { RedisClient } from './client.ts';
import { replyCode } from './store-errors.ts';

/** Of keys and values; grows when an older server could not read them. */
const FORMAT = 2;
const OLDEST_REDIS = 7;

/** What was found out about one server; null where it may not be asked. */
interface ServerFacts {
  version: string;
  isValkey: boolean;
  eviction: string | null;
  appendOnly: boolean | null;
  appendFsync: string | null;
  configAllowed: boolean;
}

/** Checks every master; throws a StartError of one line, or answers the durability line and warnings. */
export async function checkServers(client: RedisClient): Promise<StoreInfo> {
  const servers = 'nodes' in client ? client.nodes('master') : [client];
  const facts = await Promise.all(servers.map(readFacts));
  for (const { version, isValkey, eviction } of facts) {
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
  return { durability: worst.line, warnings };
}

async function readFacts(server: Redis): Promise<ServerFacts> {
  const info = parseInfo(await server.info());
  const config = await readConfig(server);
  const aof = config?.get('appendonly') ?? { '0': 'no', '1': 'yes' }[info.get('aof_enabled') ?? ''];
  return {
    version: info.get('valkey_version') ?? info.get('redis_version') ?? '0',
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
    'Redis: an acknowledged write survives the loss of the process; up to about 2 s are lost with the machine';
  return appendFsync === 'everysec'
    ? { rank: 4, line, warning: '' }
    : { rank: 3, line: 'Redis: append-only file, fsync unknown', warning: '' };
}

/** Makes the meta key or compares it: data of another format, or split otherwise, is not touched. */
export async function checkMeta(client: RedisClient, key: string): Promise<void> {
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
}
