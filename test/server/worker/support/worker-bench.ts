/** A worker over a real embedded store, with actions that the test writes. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { ActionContext, ActionOutcome } from '../../../../server/actions/action.ts';
import { ok } from '../../../../server/actions/action.ts';
import { askedRunId, partitionOfId } from '../../../../server/store/ids.ts';
import type { RunRecord, TaskRecord } from '../../../../server/store/records.ts';
import type { Wake } from '../../../../server/store/requests.ts';
import type { Store } from '../../../../server/store/store.ts';
import { createLeaseTable, type LeaseTable, leaseMemory } from '../../../../server/worker/lease-table.ts';
import { createWorker, type Worker } from '../../../../server/worker/worker.ts';
import type { TaskPolicy } from '../../../../shared/task.ts';
import {
  type Embedded,
  logger,
  makeTask,
  openEmbedded,
  presentStore,
} from '../../../helpers/engine-harness.ts';

export type Act = (context: ActionContext) => Promise<ActionOutcome>;

/** Asks until it holds; the only waiting in these tests. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 15_000;
  while (!(await holds())) {
    assert.ok(performance.now() < giveUpAt, `still not: ${what}`);
    await delay(3);
  }
}

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Opens once. */
export interface Gate {
  opened: Promise<void>;
  open(): void;
}
export function gate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

export class WorkerBench {
  readonly embedded: Embedded;
  readonly worker: Worker;
  readonly leases: LeaseTable = createLeaseTable(leaseMemory(100));
  /** Attempts begun, `runId#attempt`. */
  readonly begun: string[] = [];
  readonly retriesAt: number[] = [];
  stuckCalls = 0;
  running = 0;
  mostRunning = 0;
  act: Act = async () => ok();

  constructor(embedded: Embedded, store: Store, options: { concurrency?: number; graceMs?: number }) {
    this.embedded = embedded;
    this.worker = createWorker({
      store,
      clock: embedded.clock,
      id: 'worker1',
      owns: () => true,
      actions: { run: (_action, context) => this.#run(context) },
      http: { request: () => assert.fail('no calls in these tests') },
      leases: this.leases,
      concurrency: options.concurrency ?? 4,
      leaseMs: 5_000,
      graceMs: options.graceMs ?? 100,
      logger,
      onRetryAt: (_partition, at) => this.retriesAt.push(at),
      onStuck: () => {
        this.stuckCalls += 1;
      },
    });
    embedded.onWake.add((wake: Wake) => this.worker.onWake(wake));
  }

  async #run(context: ActionContext): Promise<ActionOutcome> {
    this.begun.push(`${context.runId}#${context.attempt}`);
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    try {
      return await this.act(context);
    } finally {
      this.running -= 1;
    }
  }

  get store(): Store {
    return this.embedded.store;
  }

  task(policy: TaskPolicy = {}): Promise<TaskRecord> {
    return makeTask(this.store, this.embedded.clock.now(), { kind: 'every', everyMs: 3_600_000 }, policy);
  }

  /** Manual runs, ready at once. */
  async ask(task: TaskRecord, count = 1): Promise<string[]> {
    const { timeoutMs = 10_000, priority = 0 } = task.definition.policy;
    const runs = Array.from({ length: count }, () => ({
      id: askedRunId(task.id, 'manual'),
      taskId: task.id,
      trigger: 'manual' as const,
      line: 'free' as const,
      plannedAt: null,
      nominalAt: null,
      retryOf: null,
      policy: { overlap: 'skip' as const, priority, timeoutMs, lateAfterMs: 1_000 },
    }));
    await this.store.askRuns(task.id, runs, 1_000);
    return runs.map(({ id }) => id);
  }

  async run(runId: string): Promise<RunRecord> {
    const run = await this.store.getRun(runId);
    assert.ok(run !== null);
    return run;
  }

  /** Makes due retries ready and tells the worker, as the recoverer would. */
  async promote(runId: string): Promise<void> {
    const partition = partitionOfId(runId) as number;
    await this.store.recoverRuns(partition, { limit: 100, countLosses: true });
    this.worker.claims.ready(partition);
  }

  ended(runId: string): Promise<void> {
    return eventually(`${runId} has ended`, async () => (await this.run(runId)).endedAt !== null);
  }
}

export async function openWorker(
  t: { after(fn: () => unknown): void },
  options: { concurrency?: number; graceMs?: number; wrap?: (store: Store) => Store } = {},
): Promise<WorkerBench> {
  const closing: (() => unknown)[] = [];
  const embedded = await openEmbedded({ after: (fn) => closing.push(fn) });
  const present = presentStore(embedded);
  const bench = new WorkerBench(embedded, options.wrap?.(present) ?? present, options);
  t.after(async () => {
    await bench.worker.stop();
    for (const close of closing) await close();
  });
  return bench;
}
