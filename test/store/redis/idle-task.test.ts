import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { newTaskId } from '../../../server/store/ids.ts';
import { newTask } from '../../../server/tasks/task-changes.ts';
import { redisUrl } from '../../helpers/redis.ts';
import { askedRun, ownerIn } from '../contract/build.ts';
import { type Lab, openLab } from './half-way-lab.ts';

const DEFINITION = {
  name: '每天提醒我喝水',
  schedule: { kind: 'cron', cron: '0 9 * * 1-5', timeZone: 'Asia/Shanghai' },
  action: { kind: 'http', method: 'POST', url: 'https://example.com/hooks/remind?user=1024' },
  policy: {},
  requires: null,
  visibleTo: null,
} as const;
/** Key, entry of the keyspace and value of a task that was made and never fired; it was 576 as two keys of plain JSON. */
const MOST_BYTES = 300;

const url = redisUrl();

describe('Redis store: an idle task', { skip: url === null ? 'needs redis' : false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab(url as string);
  });
  after(() => lab.close());

  async function make() {
    const owner = ownerIn(3);
    const at = Number((await lab.link.client.time())[0]) * 1_000;
    const fingerprint = 'kQ0v3m7T9f2w5y8z1c4e6g9i0l2n5p7r0t2v4x6z8A0';
    const task = newTask(newTaskId(owner), DEFINITION, at, fingerprint);
    const create = () => lab.store.createTasks(owner, [task], 10);
    const [answer] = await create();
    assert.ok(answer?.code === 'created');
    const key = (name: 'TASK' | 'DEFINITION') => lab.keys.of(3, name, task.id);
    return { owner, task, create, made: answer.task, key };
  }

  it('is one small key, read alike by every reader', async () => {
    const { owner, task, create, made, key } = await make();
    assert.equal(await lab.link.client.exists(key('TASK')), 0);
    assert.ok(((await lab.link.client.memory('USAGE', key('DEFINITION'))) ?? 999) <= MOST_BYTES);
    assert.deepEqual(await lab.store.getTask(task.id), made);
    assert.deepEqual(await lab.store.listTasks(owner), [made]);
    assert.deepEqual(await lab.store.scanTasks(3, null, 10), [made]);
    assert.deepEqual(await lab.store.loadDue(3, Number.MAX_SAFE_INTEGER, 10), [made]);
    assert.deepEqual(await create(), [{ code: 'exists', task: made }]);
    assert.equal(made.cursorAt, task.cursorAt);
    const [topic] = (await lab.store.replayTopics(3, [{ topic: `task:${task.id}`, afterSeq: null }], 10))
      .topics;
    assert.equal(topic?.seq, 1, 'its topic has counted its making');
    assert.ok(await lab.store.deleteTask(task.id));
    assert.deepEqual(await lab.store.scanTasks(3, null, 10), []);
  });

  it('gets its second key with its first change, and goes on with its seq', async () => {
    const { task, made, key } = await make();
    const [asked] = await lab.store.askRuns(task.id, [askedRun(task.id)], 10);
    assert.equal(asked?.code, 'created');
    assert.match((await lab.link.client.get(key('TASK'))) ?? '', /^2 a /);
    assert.deepEqual(await lab.store.getTask(task.id), made, 'nothing else has changed');
  });
});
