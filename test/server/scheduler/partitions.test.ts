/** Who serves which partition: one owner each, and a server that comes or goes moves only its own share. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownedPartitions } from '../../../server/scheduler/presence.ts';
import { PARTITIONS } from '../../../server/store/ids.ts';

const servers = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.]{3,12}$/), { minLength: 1, maxLength: 12 });

/** Owner of each partition among these servers. */
function owners(ids: readonly string[]): string[] {
  const shares = ids.map((id) => ownedPartitions(id, ids));
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const holders = ids.filter((_id, index) => shares[index]?.has(partition));
    assert.equal(holders.length, 1, `partition ${partition} has ${holders.length} owners`);
    return holders[0] as string;
  });
}

test('every partition has exactly one owner, whatever order the servers are listed in', () => {
  fc.assert(
    fc.property(servers, (ids) => assert.deepEqual(owners(ids), owners(ids.toReversed()))),
    { seed: 20261127, numRuns: 60 },
  );
});

test('a server that comes takes only from others, one that goes leaves only its own', () => {
  fc.assert(
    fc.property(servers, (ids) => {
      const before = owners(ids);
      const grown = owners([...ids, 'the-new-one']);
      for (const [partition, owner] of grown.entries())
        assert.ok(owner === before[partition] || owner === 'the-new-one');
      const [gone, ...rest] = ids as [string, ...string[]];
      if (rest.length === 0) return;
      for (const [partition, owner] of owners(rest).entries())
        assert.ok(before[partition] === gone || owner === before[partition]);
    }),
    { seed: 20261128, numRuns: 60 },
  );
});

test('shares are about even, and one server alone has all', () => {
  assert.equal(ownedPartitions('a', ['a']).size, PARTITIONS);
  const counts = new Map<string, number>();
  for (let n = 0; n < 200; n += 1)
    for (const owner of owners([`a${n}`, `b${n}`])) {
      const side = owner.slice(0, 1);
      counts.set(side, (counts.get(side) ?? 0) + 1);
    }
  const share = (counts.get('a') ?? 0) / (200 * PARTITIONS);
  assert.ok(share > 0.45 && share < 0.55, `${share}`);
});
