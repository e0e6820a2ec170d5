/** The main thread's end: collects operations into batches, keeps at most two under way, and hands out the answers. */
import { Worker } from 'node:worker_threads';
import { StartError, StoreUnavailableError } from '../status.ts';
import type { StoreInfo, StoreListener } from '../store.ts';
import type { OperationArgs, OperationName, OperationResult } from './operations.ts';
import type { Answer, Reply, Request, ThreadStart } from './protocol.ts';

/** Two under way keep the thread busy; more would only make the batches smaller. */
const MAX_IN_FLIGHT = 2;
/** Operations in one batch: bounds how long the others wait. */
const MAX_BATCH = 256;
/** No operation leaves its caller waiting longer; the disk may stall. */
const ANSWER_WITHIN_MS = 1_000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Batch {
  waiting: Waiting[];
  timer: NodeJS.Timeout;
}

export class ThreadClient {
  readonly #dir: string;
  readonly #clock: (() => number) | null;
  #worker: Worker | null = null;
  #listener: StoreListener | null = null;
  #up = false;
  #stopping: Promise<void> | null = null;
  #stopped: (() => void) | null = null;
  #nextId = 1;
  #inFlight = 0;
  readonly #batches = new Map<number, Batch>();
  #operations: [OperationName, unknown[]][] = [];
  #waiting: Waiting[] = [];
  #flushDue = false;

  /** `clock` null: the thread reads the host's clock at the moment of the step. */
  constructor(dir: string, clock: (() => number) | null) {
    this.#dir = dir;
    this.#clock = clock;
  }

  start(listener: StoreListener): Promise<StoreInfo> {
    if (this.#worker !== null) throw new Error('the store is started already');
    this.#listener = listener;
    this.#stopping = null;
    const workerData: ThreadStart = { dir: this.#dir };
    const worker = new Worker(new URL('./sqlite-thread.js', import.meta.url), { workerData });
    this.#worker = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (reply: Reply) => {
        if (reply.kind === 'started') {
          this.#up = true;
          resolve(reply.info);
        } else if (reply.kind === 'start_refused') {
          this.#worker = null;
          reject(new StartError(reply.message));
        } else this.#onReply(reply);
      });
      worker.on('error', (error) => {
        reject(new StartError(`the store's thread failed: ${(error as Error).message}`));
        this.#onGone(worker, `the store's thread failed: ${(error as Error).message}`);
      });
      worker.on('exit', () => {
        reject(new StartError("the store's thread ended"));
        this.#onGone(worker, "the store's thread ended");
      });
    });
  }

  /** Idempotent; what was asked before is done first. */
  async stop(): Promise<void> {
    if (this.#worker === null && this.#stopping === null) return;
    this.#stopping ??= this.#close();
    await this.#stopping;
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const done = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    while (this.#operations.length > 0) this.#post();
    this.#send({ kind: 'stop' });
    await done;
    await worker.terminate();
  }

  /** Throws unless the store works, as far as is known without asking the disk. */
  check(): void {
    if (!this.#up || this.#stopping !== null) throw this.#unavailable();
  }

  call<N extends OperationName>(name: N, ...args: OperationArgs<N>): Promise<OperationResult<N>> {
    if (this.#worker === null || this.#stopping !== null) return Promise.reject(this.#unavailable());
    return new Promise((resolve, reject) => {
      this.#operations.push([name, args]);
      this.#waiting.push({ resolve: resolve as (value: unknown) => void, reject });
      if (this.#flushDue || this.#inFlight >= MAX_IN_FLIGHT) return;
      this.#flushDue = true;
      // The first batch goes at the end of this callback; one behind it takes all that the turn brings.
      if (this.#inFlight === 0) queueMicrotask(() => this.#flush());
      else setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#flushDue = false;
    if (this.#inFlight < MAX_IN_FLIGHT && this.#operations.length > 0 && this.#worker !== null) this.#post();
  }

  #post(): void {
    const operations = this.#operations.splice(0, MAX_BATCH);
    const waiting = this.#waiting.splice(0, MAX_BATCH);
    const id = this.#nextId++;
    const timer = setTimeout(() => this.#late(id), ANSWER_WITHIN_MS);
    this.#batches.set(id, { waiting, timer });
    this.#inFlight += 1;
    this.#send({ kind: 'batch', id, now: this.#clock === null ? null : this.#clock(), operations });
  }

  #send(request: Request): void {
    this.#worker?.postMessage(request);
  }

  #onReply(reply: Exclude<Reply, { kind: 'started' | 'start_refused' }>): void {
    if (reply.kind === 'stopped') {
      this.#up = false;
      this.#stopped?.();
      return;
    }
    if (reply.kind === 'health') {
      this.#setUp(reply.up);
      return;
    }
    const batch = this.#batches.get(reply.id);
    this.#batches.delete(reply.id);
    this.#inFlight -= 1;
    if (batch !== undefined) {
      clearTimeout(batch.timer);
      for (const [index, waiting] of batch.waiting.entries()) settle(waiting, reply.answers[index]!);
    }
    for (const wake of reply.wakes) this.#tell((listener) => listener.onWake(wake));
    if (this.#operations.length > 0 && !this.#flushDue) this.#flush();
  }

  /** The disk stalls (or this thread did: then the answer is here already and is read first). */
  #late(id: number): void {
    setImmediate(() => {
      const batch = this.#batches.get(id);
      if (batch === undefined) return;
      const error = new StoreUnavailableError('the store did not answer within 1 s');
      for (const waiting of batch.waiting.splice(0)) waiting.reject(error);
    });
  }

  #setUp(up: boolean): void {
    if (this.#up === up) return;
    this.#up = up;
    this.#tell((listener) => listener.onHealth(up));
  }

  #onGone(worker: Worker, message: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#stopped?.();
    const error = new StoreUnavailableError(message);
    for (const { waiting, timer } of this.#batches.values()) {
      clearTimeout(timer);
      for (const one of waiting) one.reject(error);
    }
    this.#batches.clear();
    for (const one of this.#waiting.splice(0)) one.reject(error);
    this.#operations = [];
    this.#inFlight = 0;
    if (this.#stopping === null) this.#setUp(false);
  }

  #tell(what: (listener: StoreListener) => void): void {
    try {
      if (this.#listener !== null) what(this.#listener);
    } catch {
      // A listener's failure is its own; the contract says that it never throws.
    }
  }

  #unavailable(): StoreUnavailableError {
    return new StoreUnavailableError(
      this.#worker === null ? 'the store is not started' : 'the store is not available',
    );
  }
}

function settle(waiting: Waiting, answer: Answer): void {
  if ('value' in answer) waiting.resolve(answer.value);
  else if (answer.error === 'unavailable') waiting.reject(new StoreUnavailableError(answer.message));
  else waiting.reject(new Error(answer.message));
}
