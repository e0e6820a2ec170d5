/** Child: drains ready no-op runs, `<bullmq|embedded> <redis URL> <runs> <concurrency>`; reports runs a second. */
import { newTaskId } from '../dist/server/store/ids.js';
import { newTask } from '../dist/server/tasks/task-changes.js';
import { report, round } from './lib/child.mjs';
import { definition, openEngine } from './lib/engine.mjs';

const [kind, url, runs, concurrency] = [
  process.argv[2],
  process.argv[3],
  Number(process.argv[4]),
  Number(process.argv[5]),
];
const RUNS_A_TASK = 10;

/** Ready runs of on-time slots, made by the firing step itself. */
async function drainOurs(redisUrl) {
  let ran = 0;
  let done;
  const finished = new Promise((resolve) => {
    done = resolve;
  });
  const { store, engine, close } = await openEngine({
    redisUrl,
    concurrency,
    onRun() {
      ran += 1;
      if (ran === runs) done();
    },
  });
  const now = await store.time();
  const schedule = { kind: 'every', everyMs: 3_600_000, anchorAt: now + 1_800_000 };
  const policy = { overlap: 'allow_all', priority: 0, timeoutMs: 10_000, lateAfterMs: 1_000 };
  const owners = Array.from({ length: 100 }, (_, n) => `owner-${n}`);
  for (const owner of owners) {
    const tasks = Array.from({ length: runs / RUNS_A_TASK / owners.length }, () =>
      newTask(newTaskId(owner), definition(schedule, { overlap: 'allow_all' }), now - 1_000, 'bench'),
    );
    await store.createTasks(owner, tasks, 1e6);
    const decisions = Array.from({ length: RUNS_A_TASK }, (_, n) => ({
      kind: 'fire',
      plannedAt: now - 900 + n,
      nominalAt: now - 900 + n,
      day: '20260101',
    }));
    const fires = tasks.map((task) => ({
      taskId: task.id,
      version: 1,
      cursorAt: task.cursorAt,
      decisions,
      nextCursorAt: now - 900 + RUNS_A_TASK - 1,
      nextAt: task.nextAt,
      episode: null,
      ends: false,
      policy,
    }));
    const { fires: answers } = await store.fireSlots(Number.parseInt(tasks[0].id.slice(0, 2), 16), fires);
    if (answers.some((answer) => answer.code !== 'fired')) throw new Error(JSON.stringify(answers[0]));
  }
  const startedMs = performance.now();
  await engine.start();
  await finished;
  // The clock stops when the last finish is acknowledged.
  await engine.settled();
  const ms = performance.now() - startedMs;
  await close();
  return ms;
}

async function drainBullmq() {
  const { Queue, Worker } = await import('bullmq');
  const connection = { url, maxRetriesPerRequest: null };
  const queue = new Queue('bench', { connection });
  for (let n = 0; n < runs; n += 1_000) {
    await queue.addBulk(Array.from({ length: 1_000 }, () => ({ name: 'noop', data: { owner: 'owner' } })));
  }
  const startedMs = performance.now();
  let completed = 0;
  const worker = new Worker('bench', async () => {}, { connection, concurrency });
  await new Promise((resolve) => {
    worker.on('completed', () => {
      completed += 1;
      if (completed === runs) resolve();
    });
  });
  const ms = performance.now() - startedMs;
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return ms;
}

const ms = await { bullmq: drainBullmq, embedded: () => drainOurs(null), redis: () => drainOurs(url) }[
  kind
]();
report({ kind, runs, concurrency, ms: round(ms), perSecond: Math.round((runs * 1_000) / ms) });
process.exit(0);
