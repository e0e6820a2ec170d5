/**
 * Redis rolls no script back. Here every step is made to fail at each of its calls, is repeated, and the task is then
 * worked to its end: no run lost, none twice, one verdict per slot, no lease left.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { redisUrl } from '../../helpers/redis.ts';
import { HOT_CASES } from './half-way-hot-cases.ts';
import { openLab } from './half-way-lab.ts';
import { MOVE_CASES } from './half-way-move-cases.ts';
import { OTHER_CASES } from './half-way-other-cases.ts';
import { REPAIR_CASES } from './half-way-repair-cases.ts';
import { type Case, makeScene, read, verdictsOf, workOff } from './half-way-scene.ts';

/** Fails the step at its n-th call, repeats it, checks. False when it made fewer calls. */
async function tryCase(url: string, { script, prepare }: Case, n: number): Promise<boolean> {
  const lab = await openLab(url);
  try {
    const scene = await makeScene(lab);
    const { step, verdicts, runs = [], check, gone = false } = await prepare(scene);
    if (!(await lab.breakAt(script, n, step))) return false;
    await step();
    await check?.();
    await workOff(scene);
    if (verdicts !== undefined) assert.deepEqual(await verdictsOf(scene), verdicts, 'one verdict per slot');
    for (const id of runs) {
      const run = await lab.store.getRun(id);
      assert.ok(run !== null && run.endedAt !== null, `${id} has ended: ${run?.state}`);
    }
    if (!gone) {
      const { live, held, waiting } = await read(scene);
      assert.deepEqual({ live, held, waiting }, { live: 0, held: 0, waiting: 0 });
      const listed = (await lab.store.listRuns({ taskId: scene.task.id }, { limit: 100 })).items.map(
        ({ id }) => id,
      );
      assert.equal(new Set(listed).size, listed.length, 'no run listed twice');
    }
    for (const name of ['LEASES', 'RETRIES', 'TURNS'] as const) {
      assert.equal(await lab.link.client.zcard(lab.keys.of(scene.partition, name)), 0, `${name} is empty`);
    }
    return true;
  } finally {
    await lab.close();
  }
}

const url = redisUrl();
for (const one of [...HOT_CASES, ...OTHER_CASES, ...MOVE_CASES, ...REPAIR_CASES]) {
  it(`half-way: ${one.script} ${one.name}`, { skip: url === null ? 'needs redis' : false }, async () => {
    let calls = 0;
    while (calls < 200) {
      const n = calls + 1;
      const broke = await tryCase(url as string, one, n).catch((error: unknown) => {
        throw new Error(`failed at call ${n}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      });
      if (!broke) break;
      calls = n;
    }
    assert.ok(calls >= 3, `${calls} calls tried`);
  });
}
