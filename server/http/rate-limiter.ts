/** How often, by whom. Counted in Redis where there is one (all servers together), else in memory. */
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { monotonicMs } from '../lib/clock.ts';

/** `anonymous` and `login` count by address, `user` and `creating` by user. */
export type LimitName = 'anonymous' | 'login' | 'user' | 'creating';

/** Calls per minute. */
export const DEFAULT_LIMITS: Record<LimitName, number> = {
  anonymous: 120,
  login: 20,
  user: 600,
  creating: 60,
};

export interface RateLimiter {
  take(name: LimitName, key: string): Promise<{ ok: true } | { ok: false; retryAfter: number }>;
}

/** What Redis may take to answer. Then this server counts for itself, and does not ask again for a while: two limits and
 * a step of the store, one after the other, have to fail within a second. */
const ASKED_FOR_MS = 150;
const ALONE_FOR_MS = 1_000;

/** `redis`: an ioredis client. While it does not answer, this server counts for itself. */
export function createRateLimiter(
  options: { limits?: Partial<Record<LimitName, number>>; redis?: object } = {},
): RateLimiter {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  let aloneUntil = 0;
  const limiterOf = (name: LimitName) => {
    const rule = { keyPrefix: `zd:rate:${name}`, points: limits[name], duration: 60 };
    const memory = new RateLimiterMemory(rule);
    if (options.redis === undefined) return memory;
    // What is over its limit already is refused without asking Redis again.
    const redis = new RateLimiterRedis({
      ...rule,
      storeClient: options.redis,
      rejectIfRedisNotReady: true,
      inMemoryBlockOnConsumed: limits[name] + 1,
    });
    return {
      async consume(key: string) {
        if (monotonicMs() < aloneUntil) return memory.consume(key);
        try {
          return await within(redis.consume(key), ASKED_FOR_MS);
        } catch (error) {
          if (error instanceof RateLimiterRes) throw error;
          aloneUntil = monotonicMs() + ALONE_FOR_MS;
          return memory.consume(key);
        }
      },
    };
  };
  const limiters = {
    anonymous: limiterOf('anonymous'),
    login: limiterOf('login'),
    user: limiterOf('user'),
    creating: limiterOf('creating'),
  };
  return {
    async take(name, key) {
      const byAddress = name === 'anonymous' || name === 'login';
      try {
        await limiters[name].consume(byAddress ? networkOf(key) : key);
        return { ok: true };
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return { ok: false, retryAfter: Math.max(1, Math.ceil(refused.msBeforeNext / 1000)) };
      }
    },
  };
}

function within<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** One IPv4 address, or the /64 that one IPv6 customer has to himself. */
export function networkOf(address: string): string {
  const bare = address.slice(0, 64).replace(/%.*$/, '');
  if (!isIPv6(bare)) return bare;
  const parsed = ipaddr.process(bare);
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : `${parsed.toNormalizedString().split(':').slice(0, 4).join(':')}::`;
}
