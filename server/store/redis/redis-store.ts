/** The store on Redis 7 or newer, or Valkey: standalone, Sentinel or Cluster; any number of servers. */

import { randomBytes } from 'node:crypto';
import { monotonicMs } from '../../lib/clock.ts';
import type { ServerBeat, StoreInfo } from '../requests.ts';
import { StartError } from '../status.ts';
import type { Store } from '../store.ts';
import { parseRedisUrl } from './client.ts';
import { checkCommands } from './command-checks.ts';
import { createDocumentSteps } from './document-steps.ts';
import { createFiringSteps } from './firing-steps.ts';
import { createHistorySteps } from './history-steps.ts';
import { createInspectionSteps } from './inspection-steps.ts';
import { createKeys } from './keys.ts';
import { createLink } from './link.ts';
import { createRunSteps } from './run-steps.ts';
import { loadScripts } from './scripts.ts';
import { checkMeta, checkServers } from './start-checks.ts';
import { createTaskSteps } from './task-steps.ts';
import { createTransferSteps } from './transfer-steps.ts';

export interface RedisStoreOptions {
  /** `redis[s]://`, `redis+sentinel://` or `redis+cluster://`. */
  url: string;
  /** What all keys begin with; tests tell themselves apart by it. Default `zd`. */
  keyPrefix?: string;
  /** Starts although a mark keeps servers off (mark.ts). */
  forMove?: boolean;
}

/** Epochs and write numbers are looked at this often, ms, besides in every answer. */
const CHECK_EVERY_MS = 4_000;

export function createRedisStore({ url, keyPrefix = 'zd', forMove = false }: RedisStoreOptions): Store {
  if (!/^[\w-]+$/.test(keyPrefix))
    throw new StartError('the key prefix may have letters, digits, _ and - only');
  const keys = createKeys(keyPrefix);
  const target = parseRedisUrl(url);
  const scripts = loadScripts(target.mode === 'cluster' ? 'cluster' : 'single');
  const link = createLink({ target, keys, scripts });

  let checkedMs = monotonicMs();
  return {
    kind: 'redis',

    async start(listener): Promise<StoreInfo> {
      try {
        await link.open(listener);
        const info = await checkServers(link.client);
        await checkMeta(link.client, keys.meta, forMove);
        await checkCommands((source, key, args) => link.client.eval(source, 1, key, ...args), {
          key: keys.probe(randomBytes(6).toString('hex')),
          channel: keys.live(0),
          publish: target.mode === 'cluster' ? 'SPUBLISH' : 'PUBLISH',
        });
        await link.check();
        return info;
      } catch (error) {
        await link.close();
        if (error instanceof StartError) throw error;
        const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
        throw new StartError(`Redis cannot be used: ${message}`, { cause: error });
      }
    },

    stop: () => link.close(),

    async time() {
      // A TIME of its own would go to any node of a cluster, to another one each time.
      const [seconds, micros] = (await link.read('time', keys.meta, [])) as [string, string];
      return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    },

    async beat(server, ttlMs) {
      const args = [server.id, ttlMs, JSON.stringify(server)];
      const texts = (await link.read('beat', keys.servers, args)) as string[];
      // Also finds a wiped or set back Redis while nothing else is asked of it. (Sixteen calls with each beat of an idle
      // server were a third of all that it did.)
      if (ttlMs > 0 && monotonicMs() - checkedMs > CHECK_EVERY_MS) {
        checkedMs = monotonicMs();
        await link.check();
      }
      return texts.map((text) => JSON.parse(text) as ServerBeat);
    },

    listen: (partitions) => link.listen(partitions),

    ...createDocumentSteps({ link, keys }),
    ...createTaskSteps({ link, keys }),
    ...createFiringSteps({ link }),
    ...createRunSteps({ link, keys }),
    ...createHistorySteps({ link, keys }),
    ...createTransferSteps({ link, keys }),
    ...createInspectionSteps({ link, keys }),
  };
}
