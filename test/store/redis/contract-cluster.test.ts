/** The whole contract once more on a Redis Cluster of three masters: the scripts, channels and routes are other ones there. */
import { after, before, describe, it } from 'node:test';
import { redisServerPath } from '../../helpers/redis.ts';
import { type RedisCluster, spawnCluster } from '../../helpers/redis-cluster.ts';
import { storeContract } from '../contract/all.ts';
import { openRedisStore } from './open-redis-store.ts';

if (redisServerPath() === null) it('store contract: Redis Cluster', { skip: 'needs redis' }, () => {});
else
  describe('on a cluster', () => {
    let cluster: RedisCluster;
    before(async () => {
      cluster = await spawnCluster({ replicas: false });
    });
    after(() => cluster.stop());
    storeContract({ name: 'Redis Cluster', leasesExpire: 'time', open: () => openRedisStore(cluster.url) });
  });
