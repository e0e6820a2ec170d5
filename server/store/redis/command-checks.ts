/** Whether Redis lets this user do what the steps do: a proxy, an ACL or a rename may forbid what only some step needs. */
import { StartError } from '../status.ts';
import { replyCode } from './store-errors.ts';

/**
 * Every command of the scripts, once, in an order in which each works; KEY is a key of its own, which is gone afterwards. A
 * test holds the list equal to what lua/*.lua calls.
 */
export const COMMANDS_NEEDED: readonly (readonly [command: string, ...args: string[]])[] = [
  ['TIME'],
  ['SCAN', '0'],
  ['SET', 'KEY', '1'],
  ['GET', 'KEY'],
  ['MSET', 'KEY', '1'],
  ['MGET', 'KEY'],
  ['PEXPIREAT', 'KEY', '9999999999999'],
  ['EXISTS', 'KEY'],
  ['DEL', 'KEY'],
  ['HSET', 'KEY', 'field', '1'],
  ['HGET', 'KEY', 'field'],
  ['HMGET', 'KEY', 'field'],
  ['HGETALL', 'KEY'],
  ['HKEYS', 'KEY'],
  ['HINCRBY', 'KEY', 'field', '1'],
  ['HDEL', 'KEY', 'field'],
  ['RPUSH', 'KEY', '1', '2', '3', '4'],
  ['LPUSH', 'KEY', '0'],
  ['LLEN', 'KEY'],
  ['LINDEX', 'KEY', '0'],
  ['LRANGE', 'KEY', '0', '1'],
  ['LPOS', 'KEY', '2'],
  ['LSET', 'KEY', '0', '0'],
  ['LREM', 'KEY', '1', '4'],
  ['LTRIM', 'KEY', '0', '1'],
  ['LPOP', 'KEY', '2'],
  ['ZADD', 'KEY', '1', 'member'],
  ['ZSCORE', 'KEY', 'member'],
  ['ZCARD', 'KEY'],
  ['ZCOUNT', 'KEY', '-inf', '+inf'],
  ['ZRANGE', 'KEY', '0', '1'],
  ['ZREM', 'KEY', 'member'],
  ['XADD', 'KEY', '*', 'field', '1'],
  ['XRANGE', 'KEY', '-', '+'],
  ['XREVRANGE', 'KEY', '+', '-'],
  ['UNLINK', 'KEY'],
];

/** Throws a StartError that names the first command that is not permitted, or not there. `run` is EVAL with one key. */
export async function checkCommands(
  run: (source: string, key: string, args: readonly string[]) => Promise<unknown>,
  of: { key: string; channel: string; publish: string },
): Promise<void> {
  const commands = [...COMMANDS_NEEDED, [of.publish, of.channel, '-'] as const];
  for (const [command, ...args] of commands) {
    const sent = args.map((arg) => (arg === 'KEY' ? of.key : arg));
    try {
      await run('return redis.call(unpack(ARGV))', of.key, [command, ...sent]);
    } catch (error) {
      const code = replyCode(error);
      if (code !== 'NOPERM' && code !== 'ERR') throw error;
      const why = error instanceof Error ? (error.message.split(' script: ')[0] as string) : '';
      throw new StartError(`Redis does not permit ${command}, which the store needs: ${why}`);
    }
  }
}
