/** A process whose action blocks its event loop; says on stdout when it began and how it ended. Arguments: redis URL, key
 * prefix, lease ms, block ms. */
import { writeSync } from 'node:fs';
import type { ActionRunner } from '../../../server/actions/action.ts';
import { openEngine } from './open-engine.ts';

const [redisUrl = '', keyPrefix = '', leaseMs = '0', blockMs = '0'] = process.argv.slice(2);

const actions: ActionRunner = {
  async run(_action, context) {
    // Written at once: a blocked loop flushes no stream.
    writeSync(1, `began ${context.attempt}\n`);
    const until = process.hrtime.bigint() + BigInt(blockMs) * 1_000_000n;
    while (process.hrtime.bigint() < until);
    return { kind: 'ok' };
  },
};

const opened = await openEngine({ redisUrl, keyPrefix, leaseMs: Number(leaseMs), actions });
writeSync(1, 'ready\n');
process.once('SIGTERM', () => {
  void opened.close().then(() => process.exit(0));
});
