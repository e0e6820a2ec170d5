import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { poll } from './bench.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

export function lifeContract(harness: StoreHarness): void {
  describe('life', () => {
    it(
      'tells the time in whole ms, never backwards',
      onBench(harness, async (bench) => {
        assert.ok(bench.store.kind === 'embedded' || bench.store.kind === 'redis');
        let last = 0;
        for (let k = 0; k < 20; k++) {
          const now = await bench.store.time();
          assert.ok(Number.isSafeInteger(now) && now >= last, `${now} after ${last}`);
          last = now;
        }
        assert.ok(last > 1_700_000_000_000, 'since 1970, in ms');
      }),
    );

    it(
      'knows the live servers until they say good-bye or fall silent',
      onFreshStore(harness, async (bench) => {
        const a = { id: 'server-a', roles: ['scheduler', 'worker'], startedAt: 123 };
        const b = { id: 'server-b', roles: [], startedAt: 456 };
        const beat = async (server: typeof a, ttlMs: number) =>
          (await bench.store.beat(server, ttlMs)).sort((x, y) => (x.id < y.id ? -1 : 1));
        assert.deepEqual(await beat(a, 60_000), [a], 'itself included');
        assert.deepEqual(await beat({ ...b, roles: [] }, 50), [a, b]);
        await bench.until((await bench.store.time()) + 60);
        await poll('the silent one is dropped', async () =>
          (await beat(a, 60_000)).length === 1 ? true : undefined,
        );
        const changed = { ...a, roles: ['api'] };
        assert.deepEqual(await beat(changed, 60_000), [changed], 'the last word counts');
        await beat(b, 60_000);
        assert.deepEqual(await beat(a, 0), [b], 'good-bye');
        assert.deepEqual(await beat(b, 60_000), [b]);
      }),
    );

    it(
      'stops as often as asked',
      onFreshStore(harness, async (bench) => {
        await bench.task();
        await bench.store.stop();
        await bench.store.stop();
      }),
    );
  });
}
