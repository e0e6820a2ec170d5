/** Tasks of the bench: what they are, and quick ways to make many. */
import { setTimeout as wait } from 'node:timers/promises';
import { newTaskId, partitionOfId } from '../../dist/server/store/ids.js';
import { newTask } from '../../dist/server/tasks/task-changes.js';

/** So many that no owner's turn is the figure; as many as the peers have no notion of. */
const OWNERS = 100;
export const ownerOf = (n) => `owner-${n % OWNERS}`;

/** Calls under way at a time while tasks are made: more gain nothing, the store takes one batch after the other. */
const AT_ONCE = 8;
/** Redis forks when it rewrites its log; a call may then take longer than the store waits for it (1 s). */
const MOST_ATTEMPTS = 10;

export const definition = (schedule, { name = 'bench', policy = {}, action } = {}) => ({
  name,
  schedule,
  action: action ?? { kind: 'handler', name: 'noop' },
  policy,
  requires: null,
  visibleTo: null,
});

/** `tasks`: `{ owner, definition }`. Resolves with their ids, in order. Rejects when the store refuses one. */
export async function createTasks(store, now, tasks) {
  const ids = new Array(tasks.length);
  const byOwner = group(tasks);
  const batches = [...byOwner].flatMap(([owner, indexes]) =>
    Array.from({ length: Math.ceil(indexes.length / 100) }, (_, n) => ({
      owner,
      indexes: indexes.slice(n * 100, n * 100 + 100),
    })),
  );
  const make = async () => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const { owner, indexes } = batch;
      const made = indexes.map((n) => newTask(newTaskId(owner), tasks[n].definition, now, String(n)));
      await create(store, owner, made);
      for (const [k, n] of indexes.entries()) ids[n] = made[k].id;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, make));
  return ids;
}

/** A store that did not answer in time is asked again: the same ids make nothing twice. */
async function create(store, owner, made) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answers = await store.createTasks(owner, made, 1e7);
      const refused = answers.find(({ code }) => code !== 'created' && code !== 'exists');
      if (refused !== undefined) throw new Error(`a task was not created: ${refused.code}`);
      return;
    } catch (error) {
      if (error.code !== 'STORE_UNAVAILABLE' || attempt === MOST_ATTEMPTS) throw error;
      await wait(200);
    }
  }
}

function group(tasks) {
  const byOwner = new Map();
  for (const [n, { owner }] of tasks.entries()) {
    if (!byOwner.has(owner)) byOwner.set(owner, []);
    byOwner.get(owner).push(n);
  }
  return byOwner;
}

const RUNS_A_TASK = 10;

/** Makes `runs` ready runs of on-time slots by the firing step itself, which no engine has begun to work on. */
export async function makeReady(store, runs) {
  const now = await store.time();
  const schedule = { kind: 'every', everyMs: 3_600_000, anchorAt: now + 1_800_000 };
  const overlap = 'allow_all';
  const policy = { overlap, priority: 0, timeoutMs: 10_000, lateAfterMs: 1_000 };
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '');
  const slots = Array.from({ length: RUNS_A_TASK }, (_, n) => now - 900 + n);
  const decisions = slots.map((at) => ({ kind: 'fire', plannedAt: at, nominalAt: at, day }));
  for (let n = 0; n < OWNERS; n += 1) {
    const owner = ownerOf(n);
    const tasks = Array.from({ length: runs / RUNS_A_TASK / OWNERS }, () =>
      newTask(newTaskId(owner), definition(schedule, { policy: { overlap } }), now - 1_000, 'bench'),
    );
    await store.createTasks(owner, tasks, 1e7);
    const fires = tasks.map((task) => ({
      taskId: task.id,
      version: 1,
      cursorAt: task.cursorAt,
      decisions,
      nextCursorAt: slots.at(-1),
      nextAt: task.nextAt,
      episode: null,
      ends: false,
      policy,
    }));
    const { fires: answers } = await store.fireSlots(partitionOfId(tasks[0].id), fires);
    if (answers.some(({ code }) => code !== 'fired')) throw new Error(JSON.stringify(answers[0]));
  }
}
