/** One owner with a partition of its own, and the steps that most tests take. Each helper asserts that its step was accepted. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClaimedRun, RunRecord, SlotDecision, TaskRecord } from '../../../server/store/records.ts';
import type {
  AskedRun,
  ClaimRequest,
  FinishAnswer,
  FinishOutcome,
  FinishRequest,
  FireAnswer,
  FireRequest,
  NewTask,
  RecoverAnswer,
  StoredEvent,
  Wake,
} from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import type { RunState } from '../../../shared/run.ts';
import { claimRequest, EVERY_MS, finishRequest, fireRequest, fireSlot, newTask, ownerIn } from './build.ts';
import type { Heard, OpenStore, StoreHarness } from './harness.ts';

export type EventPosition = { epoch: string; position: string };
export type Fired = Extract<FireAnswer, { code: 'fired' }>;

/** Asks until there is an answer; the only waiting in this suite. */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined>,
  withinMs = 10_000,
): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < giveUpAt, `still not after ${withinMs} ms: ${what}`);
    await delay(5);
  }
}

/** A started store that several tests may use, each with a partition to itself. */
export interface SharedStore {
  open: OpenStore;
  /** Another one after each reopen. */
  store: Store;
}

export class Bench {
  readonly partition: number;
  readonly ownerId: string;
  readonly leasesExpire: StoreHarness['leasesExpire'];
  /** Slots lie one hour back, so that thousands of them may be fired. */
  readonly originAt: number;
  readonly #shared: SharedStore;

  constructor(
    shared: SharedStore,
    partition: number,
    nowAt: number,
    leasesExpire: StoreHarness['leasesExpire'],
  ) {
    this.#shared = shared;
    this.partition = partition;
    this.ownerId = ownerIn(partition);
    this.leasesExpire = leasesExpire;
    this.originAt = Math.floor(nowAt / EVERY_MS) * EVERY_MS - 3_600_000;
  }

  get store(): Store {
    return this.#shared.store;
  }

  /** All so far, of all partitions. */
  get wakes(): readonly Wake[] {
    return this.#shared.open.wakes;
  }

  /** The k-th slot since `originAt`. */
  slot(k: number): number {
    return this.originAt + k * EVERY_MS;
  }

  async task(more: Partial<NewTask> = {}, ownerId = this.ownerId): Promise<TaskRecord> {
    const [answer] = await this.store.createTasks(ownerId, [newTask(ownerId, this.originAt, more)], 10_000);
    assert.ok(answer?.code === 'created', `creating a task: ${answer?.code}`);
    return answer.task;
  }

  async read(taskId: string): Promise<TaskRecord> {
    const task = await this.store.getTask(taskId);
    assert.ok(task !== null, `task ${taskId} is there`);
    return task;
  }

  async run(runId: string): Promise<RunRecord> {
    const run = await this.store.getRun(runId);
    assert.ok(run !== null, `run ${runId} is there`);
    return run;
  }

  /** States of runs, in the order asked. */
  async states(runIds: string[]): Promise<RunState[]> {
    return (await Promise.all(runIds.map((id) => this.run(id)))).map((run) => run.state);
  }

  /** Live, held and waiting as the task has them. */
  async counts(taskId: string): Promise<{ live: number; held: number; waiting: number }> {
    const { live, held, waiting } = await this.read(taskId);
    return { live, held, waiting };
  }

  /** Fires on the task's present cursor and version. */
  async fire(taskId: string, decisions: SlotDecision[], more: Partial<FireRequest> = {}): Promise<Fired> {
    const answer = await this.tryFire(fireRequest(await this.read(taskId), decisions, more));
    assert.ok(answer.code === 'fired', `firing ${decisions.length} slots: ${answer.code}`);
    return answer;
  }

  async tryFire(request: FireRequest): Promise<FireAnswer> {
    const { fires } = await this.store.fireSlots(this.partition, [request]);
    assert.equal(fires.length, 1, 'one answer for one fire');
    return fires[0] as FireAnswer;
  }

  claim(limit = 100, more: Partial<ClaimRequest> = {}): Promise<ClaimedRun[]> {
    return this.store.claimRuns(this.partition, claimRequest(limit, more));
  }

  async claimOne(more: Partial<ClaimRequest> = {}): Promise<ClaimedRun> {
    const [run] = await this.claim(1, more);
    assert.ok(run !== undefined, 'a ready run is handed out');
    return run;
  }

  /** A new task with one running run, on a short lease. */
  async running(): Promise<ClaimedRun> {
    const task = await this.task();
    await this.fire(task.id, [fireSlot(this.slot(0))]);
    return this.claimOne({ leaseMs: 50 });
  }

  async tryFinish(request: FinishRequest): Promise<FinishAnswer> {
    const { finished } = await this.store.finishRuns(this.partition, [request]);
    assert.equal(finished.length, 1, 'one answer for one finish');
    return finished[0] as FinishAnswer;
  }

  async finish(run: ClaimedRun, outcome: FinishOutcome = 'succeeded', more: Partial<FinishRequest> = {}) {
    const answer = await this.tryFinish(finishRequest(run, outcome, more));
    assert.ok(answer.code === 'finished', `finishing ${run.runId} as ${outcome}: ${answer.code}`);
    return answer.state;
  }

  async ask(run: AskedRun): Promise<RunRecord> {
    const [answer] = await this.store.askRuns(run.taskId, [run], 1_000);
    assert.ok(answer?.code === 'created', `asking for a ${run.trigger} run: ${answer?.code}`);
    return answer.run;
  }

  /** Returns once the store's clock has reached the instant. */
  async until(at: number): Promise<void> {
    const aheadMs = at - (await this.store.time());
    if (aheadMs > 0) await this.#shared.open.advance?.(aheadMs);
    await poll('the store clock moves on', async () => ((await this.store.time()) >= at ? true : undefined));
  }

  async reopen(): Promise<void> {
    this.#shared.store = await this.#shared.open.reopen();
  }

  /** Makes leases (claimed with a short leaseMs) expire and takes them back; the answers in the order found. */
  async loseLeases(runIds: string[], countLosses = true): Promise<RecoverAnswer['lost']> {
    if (this.leasesExpire === 'boot') await this.reopen();
    const lost: RecoverAnswer['lost'] = [];
    return poll(`leases of ${runIds.length} runs expire`, async () => {
      lost.push(...(await this.store.recoverRuns(this.partition, { limit: 100, countLosses })).lost);
      return runIds.every((id) => lost.some((one) => one.runId === id)) ? lost : undefined;
    });
  }

  /** Calls recoverRuns until so many waiting retries were made ready. */
  async promoteRetries(count: number): Promise<void> {
    let promoted = 0;
    await poll(`${count} retries become ready`, async () => {
      promoted += (await this.store.recoverRuns(this.partition, { limit: 100, countLosses: true })).promoted;
      return promoted >= count ? true : undefined;
    });
    assert.equal(promoted, count, 'retries made ready');
  }

  /** Waits for a wake that fits, not counting the first `seen`; wakes may arrive after the step's answer. */
  wake(what: string, fits: (wake: Wake) => boolean, seen = 0): Promise<Wake> {
    return poll(`a wake: ${what}`, async () =>
      this.wakes.slice(seen).find((wake) => wake.partition === this.partition && fits(wake)),
    );
  }

  /** From now on these partitions are listened to, and no others. */
  listenTo(...partitions: number[]): Promise<Heard> {
    return this.#shared.open.listenTo(partitions);
  }

  /** All events kept of the partition, read in pages. */
  async events(pageSize = 100): Promise<StoredEvent[]> {
    return (await this.eventsAfter(null, pageSize)).events;
  }

  /** All events behind a position (null: from the oldest kept), and the position to go on from. */
  async eventsAfter(after: EventPosition | null, pageSize = 100) {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await this.store.readEvents(this.partition, after, pageSize);
      assert.equal(page.gap, false, 'no gap while reading on');
      events.push(...page.events);
      assert.ok(page.events.length === 0 || page.position !== after?.position, 'the position moves on');
      after = { epoch: page.epoch, position: page.position };
      if (page.events.length === 0) return { events, after };
    }
  }
}
