/** What is broken about one task or one entry stays with it: the others of its partition go on. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { redisUrl } from '../../helpers/redis.ts';
import { askedRun, claimRequest, newTask, ownerIn } from '../contract/build.ts';
import { type Lab, openLab } from './half-way-lab.ts';

const url = redisUrl();
let nextPartition = 0;

describe('Redis store: one broken among others', { skip: url === null ? 'needs redis' : false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab(url as string);
  });
  after(() => lab.close());

  /** Three tasks of one owner, each with a ready run. */
  async function scene() {
    const partition = nextPartition++;
    const owner = ownerIn(partition);
    const at = Number((await lab.link.client.time())[0]) * 1_000;
    const ids: string[] = [];
    const runs: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const task = newTask(owner, at);
      await lab.store.createTasks(owner, [task], 10);
      const run = askedRun(task.id);
      await lab.store.askRuns(task.id, [run], 10);
      ids.push(task.id);
      runs.push(run.id);
    }
    const claim = async () =>
      (await lab.store.claimRuns(partition, claimRequest(10))).map(({ runId }) => runId);
    const key = (name: Parameters<Lab['keys']['of']>[1], id?: string) => lab.keys.of(partition, name, id);
    return { partition, owner, ids, runs, claim, key };
  }

  it('hands out a run once that stands twice in a ready list', async () => {
    const { partition, runs, claim, key, owner } = await scene();
    await lab.link.client.lpush(key('QUEUE', `0|${owner}`), runs[0] as string);
    assert.deepEqual((await claim()).toSorted(), runs.toSorted());
    assert.deepEqual(await claim(), []);
    assert.equal((await lab.store.getRun(runs[0] as string))?.attempts.length, 1);
    assert.deepEqual((await lab.store.inspectTasks(partition, { after: null, limit: 10 })).broken, []);
  });

  for (const [how, text] of [
    ['missing', null],
    ['torn', 'torn'],
  ] as const) {
    it(`hands out the other runs when one task's definition is ${how}`, async () => {
      const { ids, runs, claim, key } = await scene();
      const definition = key('DEFINITION', ids[1]);
      await (text === null ? lab.link.client.unlink(definition) : lab.link.client.set(definition, text));
      assert.deepEqual((await claim()).toSorted(), [runs[0], runs[2]].toSorted());
      assert.deepEqual(await claim(), []);
    });
  }

  for (const name of ['HISTORY', 'WAITING'] as const) {
    it(`inspects the others when one task's ${name} is no list`, async () => {
      const { partition, ids, key } = await scene();
      await lab.link.client.set(key(name, ids[1]), 'no list');
      const { tasks, broken } = await lab.store.inspectTasks(partition, { after: null, limit: 10 });
      assert.deepEqual(tasks.map(({ task }) => task.id).toSorted(), [ids[0], ids[2]].toSorted());
      assert.deepEqual(broken, [{ id: ids[1], what: 'what belongs to it cannot be read' }]);
    });
  }
});
