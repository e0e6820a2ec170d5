import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClaimedRun, StepPolicy } from '../../../server/store/records.ts';
import type { Bench } from './bench.ts';
import { fireSlot, ownerIn, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** So many ready runs of one owner, at most 100 a task. */
async function ready(
  bench: Bench,
  ownerId: string,
  count: number,
  more: Partial<StepPolicy> = {},
): Promise<void> {
  for (let left = count; left > 0; left -= 100) {
    const task = await bench.task({}, ownerId);
    const slots = Array.from({ length: Math.min(left, 100) }, (_, k) => fireSlot(bench.slot(k)));
    await bench.fire(task.id, slots, { policy: policy('allow_all', more) });
  }
}

const owners = (runs: ClaimedRun[]) => runs.map((run) => run.ownerId);
const count = (runs: ClaimedRun[], ownerId: string) => owners(runs).filter((one) => one === ownerId).length;

export function claimTurnsContract(harness: StoreHarness): void {
  describe('claimRuns: whose turn it is', () => {
    it(
      'serves five owners with one run each within the first turn, beside one with 300',
      onBench(harness, async (bench) => {
        const heavy = bench.ownerId;
        await ready(bench, heavy, 300);
        const light = Array.from({ length: 5 }, () => ownerIn(bench.partition));
        for (const ownerId of light) await ready(bench, ownerId, 1);
        const first = await bench.claim(6);
        assert.deepEqual(owners(first).sort(), [heavy, ...light].sort(), 'one run of each');
        const second = await bench.claim(294);
        assert.equal(count(second, heavy), 294, 'then the rest of the heavy one, as much as is asked for');
        assert.equal((await bench.claim(100)).length, 5);
      }),
    );

    it(
      'goes on in turn from one call to the next',
      onBench(harness, async (bench) => {
        const all = [bench.ownerId, ownerIn(bench.partition), ownerIn(bench.partition)];
        for (const ownerId of all) await ready(bench, ownerId, 6);
        const runs: ClaimedRun[] = [];
        for (let k = 0; k < 9; k++) runs.push(await bench.claimOne());
        for (const ownerId of all) assert.equal(count(runs, ownerId), 3, 'nine single calls, three owners');
        runs.push(...(await bench.claim(4)), ...(await bench.claim(5)));
        for (const ownerId of all) assert.equal(count(runs, ownerId), 6, 'all are served in the end');
      }),
    );

    it(
      'does not put an owner back who goes on adding runs',
      onBench(harness, async (bench) => {
        const other = ownerIn(bench.partition);
        await ready(bench, bench.ownerId, 6);
        await ready(bench, other, 6);
        const runs: ClaimedRun[] = [];
        for (let k = 0; k < 6; k++) {
          await ready(bench, bench.ownerId, 1);
          runs.push(await bench.claimOne());
        }
        assert.equal(count(runs, bench.ownerId), 3, 'three of six');
      }),
    );

    it(
      'lets an owner who joins late wait for one turn at most',
      onBench(harness, async (bench) => {
        const present = [bench.ownerId, ownerIn(bench.partition)];
        for (const ownerId of present) await ready(bench, ownerId, 20);
        await bench.claim(3);
        const late = ownerIn(bench.partition);
        await ready(bench, late, 1);
        assert.equal(count(await bench.claim(3), late), 1);
      }),
    );

    it(
      'keeps the order within an owner',
      onBench(harness, async (bench) => {
        const other = ownerIn(bench.partition);
        await ready(bench, bench.ownerId, 30);
        await ready(bench, other, 10);
        const runs = [...(await bench.claim(7)), ...(await bench.claim(12)), ...(await bench.claim(100))];
        for (const [ownerId, n] of [
          [bench.ownerId, 30],
          [other, 10],
        ] as const) {
          const slots = runs.filter((run) => run.ownerId === ownerId).map((run) => run.plannedAt);
          assert.deepEqual(
            slots,
            Array.from({ length: n }, (_, k) => bench.slot(k)),
          );
        }
      }),
    );

    it(
      'puts a higher priority before every turn, down to negative ones',
      onBench(harness, async (bench) => {
        const other = ownerIn(bench.partition);
        await ready(bench, bench.ownerId, 3, { priority: -10 });
        await ready(bench, bench.ownerId, 3, { priority: 0 });
        await ready(bench, other, 3, { priority: -1 });
        await ready(bench, other, 3, { priority: 10 });
        await ready(bench, bench.ownerId, 1, { priority: 10 });
        const priorities = await Promise.all(
          [...(await bench.claim(5)), ...(await bench.claim(100))].map(
            async (run) => (await bench.run(run.runId)).priority,
          ),
        );
        assert.deepEqual(priorities, [10, 10, 10, 10, 0, 0, 0, -1, -1, -1, -10, -10, -10]);
      }),
    );
  });
}
