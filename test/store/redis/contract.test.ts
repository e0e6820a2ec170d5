import { it } from 'node:test';
import { redisUrl } from '../../helpers/redis.ts';
import { storeContract } from '../contract/all.ts';
import { openRedisStore } from './open-redis-store.ts';

const url = redisUrl();
if (url === null) it('store contract: Redis', { skip: 'needs redis' }, () => {});
else storeContract({ name: 'Redis', leasesExpire: 'time', open: () => openRedisStore(url) });
