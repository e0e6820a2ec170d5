/** A random life is moved into another store in its middle and goes on there. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { copyOwner } from '../../../server/move/copy-owner.ts';
import { emptyTally } from '../../../server/move/tally.ts';
import type { Store } from '../../../server/store/store.ts';
import { Bench } from './bench.ts';
import { DAY } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';
import { Trial } from './random.ts';
import { commands } from './random-commands.ts';

const SEED = 20_261_123;

/** All that the contract tells of a task. */
export async function readWhole(store: Store, taskId: string) {
  const { items } = await store.listRuns({ taskId }, { limit: 1_000 });
  const all = { limit: 10_000, oldestFirst: true };
  const [task, segments, verdicts, days, exported, runs, logs] = await Promise.all([
    store.getTask(taskId),
    store.listSegments(taskId),
    store.listVerdicts(taskId, 0, Number.MAX_SAFE_INTEGER, all),
    store.listDays(taskId, ''),
    store.exportTasks([taskId]),
    Promise.all(items.map(({ id }) => store.exportRuns([id]))),
    Promise.all(items.map(({ id }) => store.listRunLog(id))),
  ]);
  return { task, segments, verdicts, days, exported, runs, logs };
}

export function transferRandomContract(harness: StoreHarness): void {
  describe('moving random lives', () => {
    it(
      'shows the same in the other store, and goes on there as the model says',
      onBench(harness, async (bench) => {
        const target = await harness.open();
        try {
          const sequences = fc.array(commands, { minLength: 5, maxLength: 25, size: 'max' });
          const property = fc.asyncProperty(sequences, sequences, async (before, after) => {
            const trial = new Trial(bench, await bench.task({}, bench.ownerId));
            const there = new Bench(
              { open: target, store: target.store },
              bench.partition,
              bench.originAt + 3_600_000,
              harness.leasesExpire,
            );
            try {
              for (const command of before) await trial.step(command);
              // Twice: whatever was there already stays as it is.
              for (const _ of [1, 2])
                await copyOwner({ source: bench.store, target: target.store }, bench.ownerId, emptyTally());
              const { id } = trial.task;
              assert.deepEqual(await readWhole(target.store, id), await readWhole(bench.store, id));
              const moved = await trial.movedTo(there);
              for (const command of after) await moved.step(command);
              const ended = moved.model.ends.length;
              const days = await target.store.listDays(id, DAY);
              const counted = days.reduce((sum, day) => sum + day.succeeded + day.failed + day.cancelled, 0);
              assert.equal(counted, ended, 'every end is counted once');
            } finally {
              await Promise.all([bench.store, target.store].map((store) => store.deleteTask(trial.task.id)));
            }
          });
          await fc.assert(property, { seed: SEED, numRuns: 40, interruptAfterTimeLimit: 30_000 });
        } finally {
          await target.close();
        }
      }),
    );
  });
}
