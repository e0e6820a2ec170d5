/** The only reader of the environment. A bad value stops the start, naming the variable and the rule, never the value. */
import { isIP } from 'node:net';

export type Role = 'all' | 'api' | 'worker';
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface Config {
  production: boolean;
  /** `api`: HTTP and sockets, no engine. `worker`: the engine, and of HTTP the two probes only. */
  role: Role;
  host: string;
  port: number;
  /** Folder of the embedded store; unused with redisUrl. */
  dataDir: string;
  /** Null: the embedded store. */
  redisUrl: string | null;
  /** The first signs, all verify. Empty in development: one is made and kept in the store. */
  jwtSecrets: string[];
  wechat: { appid: string | null; secret: string | null; apiBase: string };
  /** A built-in WeChat stands in for the real one. */
  sandbox: boolean;
  operatorOpenids: string[];
  /** Proxies in front whose X-Forwarded-For is believed; 0: none. */
  trustProxy: number;
  workerConcurrency: number;
  leaseMs: number;
  shutdownGraceMs: number;
  /** `host:port` pairs that HTTP actions may reach although they are private. */
  allowHosts: string[];
  logLevel: LogLevel;
}

/** Every problem of the environment, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const REDIS_URL = /^(rediss?|redis\+sentinel|redis\+cluster):\/\/\S+$/;
const HOST_PORT = /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([1-9]\d{0,4})$/;

/** Reads the settings. Throws a ConfigError with all problems at once. An empty value counts as absent. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const problems: string[] = [];
  const text = (name: string) => env[name]?.trim() || undefined;
  const list = (name: string) => (text(name) ?? '').split(',').flatMap((item) => item.trim() || []);
  const rule = (ok: boolean, line: string) => {
    if (!ok) problems.push(line);
  };
  const integer = (name: string, fallback: number, min: number, max: number) => {
    const value = text(name);
    if (value === undefined) return fallback;
    const ok = /^\d{1,15}$/.test(value) && Number(value) >= min && Number(value) <= max;
    rule(ok, `${name} must be a whole number from ${min} to ${max}`);
    return ok ? Number(value) : fallback;
  };
  const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
    const value = text(name) ?? fallback;
    rule(choices.includes(value as T), `${name} must be one of ${choices.join(', ')}`);
    return value as T;
  };

  const production = text('NODE_ENV') === 'production';
  const host = text('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1');
  rule(isHost(host), 'HOST must be an IP address or a host name');
  const appid = text('WECHAT_APPID') ?? null;
  const secret = text('WECHAT_SECRET') ?? null;
  const apiBase = (text('WECHAT_API_BASE') ?? 'https://api.weixin.qq.com').replace(/\/+$/, '');
  rule(isHttpUrl(apiBase), 'WECHAT_API_BASE must be an http:// or https:// address without query');
  rule(!production || appid !== null, 'WECHAT_APPID must be set when NODE_ENV is production');
  rule(appid === null || secret !== null, 'WECHAT_SECRET must be set together with WECHAT_APPID');
  const sandbox = appid === null && !production;
  const lan = choice('SANDBOX_LAN', ['0', '1'], '0') === '1';
  rule(
    !sandbox || lan || isLoopback(host),
    'HOST must be a loopback address while WECHAT_APPID is not set (or set SANDBOX_LAN=1 on a network you trust)',
  );

  const jwtSecrets = list('JWT_SECRET');
  rule(
    jwtSecrets.every((one) => Buffer.byteLength(one) >= 32),
    'JWT_SECRET must be at least 32 bytes long (each one of a comma-separated list)',
  );
  rule(!production || jwtSecrets.length > 0, 'JWT_SECRET must be set when NODE_ENV is production');
  const redisUrl = text('REDIS_URL') ?? null;
  rule(
    redisUrl === null || REDIS_URL.test(redisUrl),
    'REDIS_URL must begin with redis://, rediss://, redis+sentinel:// or redis+cluster://',
  );
  rule(
    redisUrl !== null || text('CBR_ENV_ID') === undefined,
    'REDIS_URL must be set on CloudBase Run (CBR_ENV_ID is set): the disk there does not last',
  );
  const role = choice('ROLE', ['all', 'api', 'worker'], 'all');
  rule(
    !['api', 'worker'].includes(role) || redisUrl !== null,
    'ROLE must be all while REDIS_URL is not set: the embedded store serves one process',
  );
  const allowHosts = list('ALLOW_HOSTS').map((item) => item.toLowerCase());
  rule(
    allowHosts.every((item) => Number(HOST_PORT.exec(item)?.[2] ?? 65_536) <= 65_535),
    'ALLOW_HOSTS must be a comma-separated list of host:port',
  );

  const config: Config = {
    production,
    role,
    host,
    port: integer('PORT', 3000, 0, 65_535),
    dataDir: text('DATA_DIR') ?? './data',
    redisUrl,
    jwtSecrets,
    wechat: { appid, secret, apiBase },
    sandbox,
    operatorOpenids: list('OPERATOR_OPENIDS'),
    trustProxy: integer('TRUST_PROXY', 0, 0, 10),
    workerConcurrency: integer('WORKER_CONCURRENCY', 50, 1, 1_000),
    leaseMs: integer('LEASE_MS', 5_000, 1_000, 600_000),
    shutdownGraceMs: integer('SHUTDOWN_GRACE_MS', 30_000, 0, 600_000),
    allowHosts,
    logLevel: choice('LOG_LEVEL', LEVELS, 'info'),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** The address alone, whatever the other settings are: what a move needs. Null: not set. */
export const readRedisUrl = (env: Record<string, string | undefined> = process.env): string | null =>
  env.REDIS_URL?.trim() || null;

const isHost = (host: string) => isIP(host) !== 0 || /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})$/.test(host);

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '';
}
