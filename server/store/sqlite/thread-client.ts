/**
 * The main thread's end: collects operations into batches and hands out the answers.
 *
 * Two batches may be under way, so that the thread works on one while this side works on the answers of the other; what is
 * asked meanwhile goes together in the next. See batch-size.ts for how much goes into one.
 */
import { Worker } from 'node:worker_threads';
import type { RunLogNews, StoreInfo, StoreListener } from '../requests.ts';
import { StartError, StoreUnavailableError } from '../status.ts';
import { batchSize } from './batch-size.ts';
import type { OperationArgs, OperationName, OperationResult } from './operations.ts';
import type { Answer, Reply, Request, ThreadStart } from './protocol.ts';

/** One more would only wait in the thread's queue. */
const MOST_UNDER_WAY = 2;
/** No operation leaves its caller waiting longer; the disk may stall. */
const ANSWER_WITHIN_MS = 1_000;
const STOP_WITHIN_MS = 5_000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface Batch {
  waiting: Waiting[];
  timer: NodeJS.Timeout;
}

export class ThreadClient {
  readonly #start: ThreadStart;
  readonly #clock: (() => number) | null;
  #worker: Worker | null = null;
  #listener: StoreListener | null = null;
  #listened = new Set<number>();
  #up = false;
  #stopping: Promise<void> | null = null;
  #stopped: (() => void) | null = null;
  #nextId = 1;
  /** Batches that are late; nothing is taken until they have been answered. */
  readonly #late = new Set<number>();
  /** Of the newest commit, ms. */
  #commitMs = 0;
  readonly #batches = new Map<number, Batch>();
  #operations: [OperationName, unknown[]][] = [];
  #waiting: Waiting[] = [];
  #flushDue = false;

  /** `clock` null: the thread reads the host's clock at the moment of the step. */
  constructor(start: ThreadStart, clock: (() => number) | null) {
    this.#start = start;
    this.#clock = clock;
  }

  start(listener: StoreListener): Promise<StoreInfo> {
    if (this.#worker !== null) throw new Error('the store is started already');
    this.#listener = listener;
    this.#stopping = null;
    const worker = new Worker(new URL('./sqlite-thread.js', import.meta.url), { workerData: this.#start });
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
    // A disk that stalls must not keep the process alive: what was acknowledged is in the file.
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, STOP_WITHIN_MS).unref())]);
    await worker.terminate();
  }

  /** Throws unless the store works, as far as is known without asking the disk. */
  check(): void {
    if (!this.#up || this.#stopping !== null) throw this.#unavailable();
  }

  call<N extends OperationName>(name: N, ...args: OperationArgs<N>): Promise<OperationResult<N>> {
    if (this.#worker === null || this.#stopping !== null || this.#late.size > 0) {
      return Promise.reject(this.#unavailable());
    }
    return new Promise((resolve, reject) => {
      this.#operations.push([name, args]);
      this.#waiting.push({ resolve: resolve as (value: unknown) => void, reject });
      this.#flushSoon();
    });
  }

  /** See Store.listen. */
  listen(partitions: readonly number[]): void {
    this.#listened = new Set(partitions);
  }

  /** What a run's log was given, to who listens. */
  tellRunLog(news: RunLogNews): void {
    if (this.#listened.has(news.partition)) this.#tell((listener) => listener.onRunLog?.(news));
  }

  /** At the end of the event loop's turn, with all that it brought. */
  #flushSoon(): void {
    if (this.#flushDue || this.#operations.length === 0 || this.#batches.size >= MOST_UNDER_WAY) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      while (this.#operations.length > 0 && this.#batches.size < MOST_UNDER_WAY && this.#worker !== null) {
        this.#post();
      }
    });
  }

  #post(): void {
    const size = batchSize(this.#operations, this.#commitMs);
    const operations = this.#operations.splice(0, size);
    const waiting = this.#waiting.splice(0, size);
    const id = this.#nextId++;
    const timer = setTimeout(() => this.#onLate(id), ANSWER_WITHIN_MS);
    this.#batches.set(id, { waiting, timer });
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
    this.#late.delete(reply.id);
    this.#commitMs = reply.commitMs;
    if (batch !== undefined) {
      clearTimeout(batch.timer);
      for (const [index, waiting] of batch.waiting.entries()) settle(waiting, reply.answers[index]!);
    }
    // After the answers have been worked on: a wake must not come before what was asked earlier is known.
    const grown = new Set(reply.grown.filter((partition) => this.#listened.has(partition)));
    if (reply.wakes.length + grown.size > 0) {
      setImmediate(() => {
        for (const wake of reply.wakes) this.#tell((listener) => listener.onWake(wake));
        for (const partition of grown) this.#tell((listener) => listener.onEvents?.(partition));
      });
    }
    this.#flushSoon();
  }

  /** The disk stalls (or this thread did: then the answer is here already and is read first). */
  #onLate(id: number): void {
    setImmediate(() => {
      const batch = this.#batches.get(id);
      if (batch === undefined) return;
      const error = new StoreUnavailableError('the store did not answer within 1 s');
      for (const waiting of batch.waiting.splice(0)) waiting.reject(error);
      // What waits behind it was never sent, and what comes until it answers would only wait as well.
      this.#late.add(id);
      this.#operations = [];
      for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
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
    this.#late.clear();
    if (this.#stopping !== null) return;
    this.#setUp(false);
    // Its memory is gone with it; a new start reads everything from the file.
    this.#tell((listener) => listener.onGone?.(message));
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
