/**
 * Questions to the event log, asked together: thousands of phones that come back at once would otherwise scan it once
 * each. While one question to a partition is under way, further ones wait and go out as one.
 */
import type { TopicReplay } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

/** Log entries that one scan looks through; beyond it a listener is given a snapshot. */
export const MOST_SCANNED = 10_000;
/** Topics of one question. */
const MOST_ASKED = 200;

export interface Replay extends TopicReplay {
  epoch: string;
  /** Where readEvents goes on right behind this answer. */
  position: string;
}

interface Waiting {
  topic: string;
  afterSeq: number | null;
  resolve(replay: Replay): void;
  reject(error: unknown): void;
}

export interface Replayer {
  /** Where a topic stands, with what came after `afterSeq` (null: nothing is asked for). Rejects as the store does. */
  ask(partition: number, topic: string, afterSeq: number | null): Promise<Replay>;
}

export function createReplayer(store: Pick<Store, 'replayTopics'>): Replayer {
  const queues = new Map<number, Waiting[]>();
  const asking = new Set<number>();

  async function work(partition: number): Promise<void> {
    asking.add(partition);
    // Those who ask in the same turn of the loop share the first question.
    await new Promise<void>((resolve) => setImmediate(resolve));
    for (let batch = nextBatch(partition); batch.size > 0; batch = nextBatch(partition)) {
      await answer(partition, batch);
    }
    asking.delete(partition);
  }

  function nextBatch(partition: number): Map<string, Waiting[]> {
    const queue = queues.get(partition) ?? [];
    const batch = new Map<string, Waiting[]>();
    let taken = 0;
    for (const waiting of queue) {
      const sameTopic = batch.get(waiting.topic);
      if (sameTopic === undefined && batch.size === MOST_ASKED) break;
      if (sameTopic === undefined) batch.set(waiting.topic, [waiting]);
      else sameTopic.push(waiting);
      taken += 1;
    }
    if (taken === queue.length) queues.delete(partition);
    else queues.set(partition, queue.slice(taken));
    return batch;
  }

  /** Those who lack little are asked for again, apart from the one who lacked more than the log could tell. */
  async function answer(partition: number, batch: Map<string, Waiting[]>): Promise<void> {
    const again = new Map<string, Waiting[]>();
    try {
      const asks = [...batch].map(([topic, waiting]) => ({ topic, afterSeq: lowest(waiting) }));
      const { epoch, position, topics } = await store.replayTopics(partition, asks, MOST_SCANNED);
      for (const replay of topics) {
        const waiting = batch.get(replay.topic) ?? [];
        const nearer = replay.events === null ? nearerOnes(waiting, replay.seq) : new Set<Waiting>();
        if (nearer.size > 0) again.set(replay.topic, [...nearer]);
        for (const one of waiting) {
          if (nearer.has(one)) continue;
          one.resolve({ ...replay, epoch, position, events: eventsAfter(replay, one.afterSeq) });
        }
      }
    } catch (error) {
      for (const waiting of batch.values()) for (const { reject } of waiting) reject(error);
    }
    if (again.size > 0) await answer(partition, again);
  }

  return {
    ask(partition, topic, afterSeq) {
      return new Promise((resolve, reject) => {
        const queue = queues.get(partition) ?? [];
        queue.push({ topic, afterSeq, resolve, reject });
        queues.set(partition, queue);
        if (!asking.has(partition)) void work(partition);
      });
    },
  };
}

/** The earliest seq that somebody asks from; null when all only ask where the topic stands. */
const lowest = (waiting: readonly Waiting[]): number | null => {
  const seqs = waiting.flatMap(({ afterSeq }) => afterSeq ?? []);
  return seqs.length === 0 ? null : Math.min(...seqs);
};

/**
 * Of those who share a question that the log could not answer, the ones who lack fewer events by an order of magnitude than
 * who lacks most. So a question is repeated at most three times, however many ask.
 */
function nearerOnes(waiting: readonly Waiting[], seq: number): Set<Waiting> {
  const magnitude = ({ afterSeq }: Waiting) =>
    afterSeq === null || afterSeq >= seq ? -1 : Math.min(Math.floor(Math.log10(seq - afterSeq)), 3);
  const most = Math.max(...waiting.map(magnitude));
  return new Set(waiting.filter((one) => magnitude(one) >= 0 && magnitude(one) < most));
}

/** The part of a shared answer that one of those who asked gets; null: this one must be given a snapshot. */
function eventsAfter(replay: TopicReplay, afterSeq: number | null): TopicReplay['events'] {
  if (afterSeq === null || afterSeq === replay.seq) return [];
  if (afterSeq > replay.seq || replay.events === null) return null;
  const events = replay.events.filter((event) => event.seq > afterSeq);
  // Asked from further back by another: what is kept must reach this one's seq.
  return events[0]?.seq === afterSeq + 1 ? events : null;
}
