import type { TestContext } from 'node:test';
import { redisServerPath, spawnRedis } from '../../helpers/redis.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** Where servers keep their data: to be spread into the options of `startServer`. */
export type StoreOptions = { dataDir: string } | { redisUrl: string };

export const needsRedis: false | string = redisServerPath() === null && 'needs redis';

/** Both stores; each `open` is an empty one that ends with the test. */
export const STORES: { name: string; skip: false | string; open(t: TestContext): Promise<StoreOptions> }[] = [
  {
    name: 'embedded',
    skip: false,
    open: async (t) => ({ dataDir: tempDir(t) }),
  },
  {
    name: 'Redis',
    skip: needsRedis,
    async open(t) {
      const redis = await spawnRedis({ dir: tempDir(t) });
      t.after(() => redis.stop());
      return { redisUrl: redis.url };
    },
  },
];
