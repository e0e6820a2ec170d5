/** Lives a random life on a real store and checks the promise at its end. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createLooks } from '../../../../server/scheduler/watchman-looks.ts';
import { partitionOfId } from '../../../../server/store/ids.ts';
import type { TaskRecord } from '../../../../server/store/records.ts';
import type { TaskChange } from '../../../../server/store/requests.ts';
import { sameJson } from '../../../../server/tasks/definition.ts';
import { createHistoryService } from '../../../../server/tasks/history-service.ts';
import { openSegment } from '../../../../server/tasks/open-segment.ts';
import { createSegmentSource } from '../../../../server/tasks/segment-source.ts';
import * as changes from '../../../../server/tasks/task-changes.ts';
import { brutePlanned } from '../../../helpers/brute-slots.ts';
import {
  type Embedded,
  faultyStore,
  makeTask,
  readTask,
  runsOf,
  schedulingServer,
  seededRandom,
  verdictsOf,
  workOff,
} from '../../../helpers/engine-harness.ts';
import type { Life, LifeCommand } from './arbitrary-life.ts';

const failure = { outcome: 'failed', attemptOutcome: 'failed', error: { code: 'E', message: '' } } as const;

/** Heals the store at the end. Answers how many slots were decided and how many calls had failed. */
export async function live(
  world: Embedded,
  { start, tasks, commands, faults }: Life,
): Promise<{ slots: number; failed: number }> {
  const { clock } = world;
  clock.advance(start - clock.now());
  const random = seededRandom(faults.seed);
  let failed = 0;
  let { rate } = faults;
  const unreliable = () =>
    faultyStore(world.store, (operation) => {
      if (operation === 'beat' || random() >= rate) return null;
      failed += 1;
      return random() < 0.5 ? 'before' : 'after';
    });
  let store = unreliable();
  const boot = () =>
    Promise.all([schedulingServer({ ...world, store }), schedulingServer({ ...world, store })]);

  const owner = randomBytes(6).toString('hex');
  const ids: string[] = [];
  for (const [n, { schedule, ...policy }] of tasks.entries()) {
    // Who creates a task that never fires is told so.
    if (createSegmentSource(openSegment(schedule, start, null)).next(start) === null) continue;
    ids.push((await makeTask(world.store, start, schedule, policy, `${owner}${n}`)).id);
  }
  if (ids.length === 0) return { slots: 0, failed: 0 };
  let servers = await boot();

  async function pass(which: 0 | 1 | 'both'): Promise<void> {
    const chosen = which === 'both' ? servers : [servers[which]];
    await Promise.all(chosen.map(({ scheduler }) => scheduler.runOnce().catch(unavailable)));
  }

  async function change(task: number, plan: (task: TaskRecord, now: number) => TaskChange | 'behind' | null) {
    const current = await store.getTask(ids[task % ids.length] as string);
    if (current === null || current.closing !== null) return;
    const planned = plan(current, clock.now());
    // A slow server: schedulers get on with their pass meanwhile.
    for (let waits = Math.floor(random() * 40); waits > 0; waits -= 1) await world.store.getTask(current.id);
    // A refusal is a matter of its owner, who would read and ask again.
    if (planned !== null && planned !== changes.BEHIND) await store.changeTask(planned);
  }

  async function act(command: Exclude<LifeCommand, { do: 'pass' }>): Promise<void> {
    if (command.do === 'work') {
      const finish = command.outcome === 'fail' ? failure : { endTask: command.outcome === 'end' };
      await workOff(world.store, () => finish);
    } else if (command.do === 'crash') {
      world.onWake.clear();
      if (command.reopen) await world.reopen();
      store = unreliable();
      servers = await boot();
    } else if (command.do === 'edit') {
      const { schedule } = command;
      await change(command.task, (t, now) => changes.reschedule(t, { ...t.definition, schedule }, now));
    } else if (command.do === 'pause') {
      await change(command.task, (t, now) => (t.state === 'active' ? changes.pause(t, now) : null));
    } else if (command.do === 'resume') {
      await change(command.task, (t, now) => (t.state === 'paused' ? changes.resume(t, now) : null));
    } else {
      await change(command.task, (t) => changes.redefine(t, { ...t.definition, name: 'other' }));
    }
  }

  for (const command of commands) {
    if (command.do === 'pass') {
      clock.advance(command.aheadMs);
      await pass(command.server);
    } else {
      const beside = 'beside' in command && command.beside ? pass('both') : null;
      await act(command).catch(unavailable);
      await beside;
    }
  }
  rate = 0;
  // One server alone brings everything in order.
  await settle(world, ids, () => pass(0));
  let slots = 0;
  for (const id of ids) slots += await checkTask(world, id);
  for (const id of ids) await world.store.deleteTask(id);
  return { slots, failed };
}

const unavailable = (error: { code?: string }) => assert.equal(error.code, 'STORE_UNAVAILABLE', `${error}`);

/** Passes until nothing is owed any more. */
async function settle({ store, clock }: Embedded, ids: string[], pass: () => Promise<void>): Promise<void> {
  for (let passes = 0; ; passes += 1) {
    assert.ok(passes < 150, 'a task owes slots and nobody decides them');
    clock.advance(passes % 3 === 0 ? 1_200 : 0);
    await pass();
    const tasks = await Promise.all(ids.map((id) => readTask(store, id)));
    const owes = tasks.some(
      ({ state, nextAt, closing }) =>
        closing !== null || (state === 'active' && (nextAt ?? 0) <= clock.now()),
    );
    if (!owes && passes >= 2) return;
  }
}

/** Verdicts = what the segments plan, slot by slot; one run for each that got one; the product's audit agrees. */
async function checkTask({ store, clock }: Embedded, id: string): Promise<number> {
  const task = await readTask(store, id);
  const segments = await store.listSegments(id);
  const bornAt = segments[0]?.fromAt as number;
  const planned = brutePlanned(segments, bornAt, task.cursorAt + 1);
  const verdicts = await verdictsOf(store, id);
  const looks = createLooks({ store, clock });
  const partition = partitionOfId(id) as number;
  assert.deepEqual(
    (await looks.atTasks(partition, { taskIds: [id] })).findings,
    [],
    'nothing for the watchman',
  );
  for (const visit of [0, 1, 2])
    assert.equal(await looks.atDay(partition, task, visit), null, 'nor in a day');
  let at = 0;
  for (const record of verdicts) {
    const covered = planned.slice(at, at + record.count);
    assert.deepEqual(
      [covered[0], covered.at(-1)],
      [record.plannedAt, record.toAt - 1],
      JSON.stringify(record),
    );
    at += record.count;
  }
  assert.equal(at, planned.length, 'every slot behind the cursor has a verdict');
  const { schedule } = task.definition;
  // Paused or not, as long as nobody changed the schedule.
  if (schedule.maxSlots && segments.every((s) => s.schedule === null || sameJson(s.schedule, schedule)))
    assert.ok(planned.length <= schedule.maxSlots, `${planned.length} slots of ${schedule.maxSlots}`);

  const asked = verdicts.filter(({ verdict }) => verdict !== 'skipped');
  const runs = (await runsOf(store, id)).toSorted((a, b) => a.plannedAt - b.plannedAt);
  assert.deepEqual(
    runs.map(({ id: runId, verdict }) => [runId, verdict]),
    asked.map(({ plannedAt, verdict }) => [`${id}:${plannedAt}`, verdict]),
    'exactly one run for each slot that was fired or caught up',
  );
  const audit = await createHistoryService({ store, clock }).audit(task.ownerId, id, { fromAt: bornAt });
  assert.deepEqual([audit.ok, audit.planned], [true, planned.length], JSON.stringify(audit));
  return planned.length;
}
