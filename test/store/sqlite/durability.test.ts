/** What was acknowledged stays: a writer is killed with SIGKILL, and everything it was told of must be in the file. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { partitionOfOwner, taskIdOfRun } from '../../../server/store/ids.ts';
import { RUNS_KEPT_PER_TASK } from '../../../server/store/limits.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const ROUNDS = 6;
const OWNER = 'owner-of-the-acks';
const PARTITION = partitionOfOwner(OWNER);

interface Acks {
  task: string;
  fired: Set<string>;
  /** Last claim told of, by run: attempt and fence. */
  claimed: Map<string, [attempt: number, fence: number]>;
  finished: Set<string>;
  document: number;
}

async function killedWriter(dir: string, round: number): Promise<Acks> {
  const file = fileURLToPath(new URL('./ack-writer.js', import.meta.url));
  const child = spawn(process.execPath, [file, dir, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acks: Acks = { task: '', fired: new Set(), claimed: new Map(), finished: new Set(), document: 0 };
  const lines = createInterface({ input: child.stdout });
  let count = 0;
  lines.on('line', (line) => {
    // The last line may be cut by the kill: then its write was not told of.
    if (!line.endsWith('}')) return;
    const ack = JSON.parse(line);
    acks.task ||= ack.task ?? '';
    for (const id of ack.fired ?? []) acks.fired.add(id);
    for (const [id, attempt, fence] of ack.claimed ?? []) acks.claimed.set(id, [attempt, fence]);
    for (const id of ack.finished ?? []) acks.finished.add(id);
    acks.document = ack.document ?? acks.document;
    count += 1;
    if (count === 60 + round * 40) child.kill('SIGKILL');
  });
  const [code, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL', `the writer was killed, and did not end by itself (${code})`);
  return acks;
}

it(`keeps every acknowledged write over ${ROUNDS} kills`, { timeout: 120_000 }, async (t) => {
  const dir = tempDir(t);
  let acked = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const acks = await killedWriter(dir, round);
    const store = createSqliteStore({ dir });
    await store.start({ onWake: () => undefined, onRollback: () => undefined, onHealth: () => undefined });

    const document = await store.getDocument(OWNER, 'ack', String(round));
    assert.ok((document?.version ?? 0) >= acks.document, 'documents');
    const task = await store.getTask(acks.task);
    assert.ok(task !== null, 'the task');
    const verdicts = await store.listVerdicts(acks.task, 0, Number.MAX_SAFE_INTEGER, { limit: 100_000 });
    for (const id of acks.fired) {
      const plannedAt = Number(id.split(':')[1]);
      assert.ok(
        verdicts.some((verdict) => verdict.plannedAt === plannedAt && verdict.verdict === 'fired'),
        `verdict of ${id}`,
      );
      assert.ok(plannedAt <= task.cursorAt, 'the cursor is past what was fired');
    }
    const kept = await store.listRuns({ ownerId: OWNER }, { limit: 10_000 });
    const runs = new Map(kept.items.map((run) => [run.id, run]));
    const keptOf = (id: string) => kept.items.filter((run) => run.taskId === taskIdOfRun(id)).length;
    for (const id of acks.finished) {
      const run = runs.get(id);
      if (run === undefined)
        assert.ok(keptOf(id) >= RUNS_KEPT_PER_TASK, `${id} is there, or one of the oldest`);
      else assert.equal(run.state, 'succeeded', id);
    }
    for (const [id, [attempt, fence]] of acks.claimed) {
      const run = runs.get(id);
      if (run === undefined || acks.finished.has(id)) continue;
      assert.equal(run.attempts[attempt - 1]?.fence, fence, `the claim of ${id} is on record`);
    }
    const running = kept.items.filter((run) => run.state === 'running').map((run) => run.id);
    const { lost } = await store.recoverRuns(PARTITION, { limit: 10_000, countLosses: true });
    const taken = lost.map((one) => one.runId);
    assert.deepEqual(taken.sort(), running.sort(), 'exactly the running ones were lost');
    const live = kept.items.filter((run) => run.taskId === acks.task && run.endedAt === null).length;
    assert.equal(task.live + task.held, live, 'the counters say what the runs say');
    await checkEvents(store.readEvents.bind(store));
    acked += acks.fired.size + acks.finished.size + acks.claimed.size + acks.document;
    await store.stop();
    await delay(0);
  }
  t.diagnostic(`${acked} acknowledged writes, none lost`);
  assert.ok(acked > 500, `the test wrote enough (${acked})`);
});

/** Every topic's numbers go up by one, across all the restarts. */
async function checkEvents(readEvents: ReturnType<typeof createSqliteStore>['readEvents']): Promise<void> {
  const last = new Map<string, number>();
  let after: { epoch: string; position: string } | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof readEvents>> = await readEvents(PARTITION, after, 500);
    assert.equal(page.gap, false);
    for (const { topic, seq } of page.events) {
      const before = last.get(topic);
      if (before !== undefined) assert.equal(seq, before + 1, `${topic} has no hole`);
      last.set(topic, seq);
    }
    if (page.events.length === 0) return;
    after = page;
  }
}
