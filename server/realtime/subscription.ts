/** One topic of one socket, and how far its listener has been told. Pure: what happens is decided here, sent elsewhere. */
import type { TopicName } from './topics.ts';

/** One socket, as the hub sees it. */
export interface Listener {
  readonly userId: string;
  /** By the topic's name on the socket. */
  readonly subscriptions: Map<string, Subscription>;
  /** False while it is not sure that the user may still see anything: nothing is delivered, and told later. */
  mayReceive(): boolean;
  /** Never throws, never waits. */
  send(frame: string | Buffer): void;
}

/** What came while a snapshot or a replay was being read; beyond it the log is asked again. */
const MOST_PENDING = 1_000;

export interface Arrival {
  epoch: string;
  seq: number;
  frame: Buffer;
}

export class Subscription {
  readonly listener: Listener;
  readonly topic: TopicName;
  /** Of the subscribe that made it; its answers carry it. */
  readonly requestId: string;
  epoch = '';
  /** The last seq that the listener was given; -1 before the first answer. */
  seq = -1;
  /** Arrivals that wait for a read under way; null when none is. */
  #pending: Arrival[] | null = null;
  /** What is being read may be out of date already, or not all that came was kept. */
  #doubted = false;
  /** Left, replaced, or refused: nothing more is sent for it. */
  ended = false;

  constructor(listener: Listener, topic: TopicName, requestId: string) {
    this.listener = listener;
    this.topic = topic;
    this.requestId = requestId;
  }

  /** A read under way decides what comes next; until `settle`, arrivals wait. */
  hold(): void {
    this.#pending ??= [];
  }
  get held(): boolean {
    return this.#pending !== null;
  }

  /** The read under way does not see all: `settle` will answer a hole. */
  doubt(): void {
    this.#doubted = true;
  }

  /**
   * What becomes of an event: `send` (it is the next one), `drop` (known, waiting, or nobody is there), or `hole` (some
   * before it never came, or it is of another epoch: ask the log).
   */
  arrive(arrival: Arrival): 'send' | 'drop' | 'hole' {
    if (this.ended) return 'drop';
    if (this.#pending !== null) {
      if (this.#pending.length < MOST_PENDING) this.#pending.push(arrival);
      else this.#doubted = true;
      return 'drop';
    }
    // Seqs of two epochs count different things: only the log knows which one is true now.
    if (arrival.epoch !== this.epoch) return 'hole';
    if (arrival.seq <= this.seq) return 'drop';
    if (arrival.seq > this.seq + 1) return 'hole';
    this.seq = arrival.seq;
    return 'send';
  }

  /** The read is over, the listener has been told everything up to `seq`. Answers what waited and comes next, in order. */
  settle(epoch: string, seq: number): { next: Arrival[]; hole: boolean } {
    const waited = this.#pending ?? [];
    let hole = this.#doubted;
    this.#pending = null;
    this.#doubted = false;
    this.epoch = epoch;
    this.seq = seq;
    const next: Arrival[] = [];
    for (const arrival of waited) {
      const fate = this.arrive(arrival);
      if (fate === 'send') next.push(arrival);
      if (fate === 'hole') hole = true;
    }
    return { next, hole };
  }
}
