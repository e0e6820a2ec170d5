/** The part of a store that realtime reads, in memory: one event log per partition, whose answers wait and fail when told to. */
import type { StoredEvent, TopicAsk } from '../../../../server/store/requests.ts';
import { StoreUnavailableError } from '../../../../server/store/status.ts';
import type { Store } from '../../../../server/store/store.ts';
import type { EventType } from '../../../../shared/realtime.ts';

export interface FakeLog {
  store: Pick<Store, 'readEvents' | 'replayTopics' | 'listen'>;
  /** Appends one event; answers it. */
  append(partition: number, topic: string, taskId: string, type?: EventType): StoredEvent;
  /** Acknowledged writes are lost: the log is cut to so many entries, and another epoch begins. */
  setBack(partition: number, entries: number): void;
  /** Entries before the last `kept` are no longer there. */
  trim(partition: number, kept: number): void;
  /** While set, every question rejects. */
  away: boolean;
  /** Each question's answer is taken at once and delivered when the promise that this returns is settled. */
  gate: (what: 'read' | 'replay') => Promise<void>;
  /** What was asked, in order. */
  asked: { partition: number; asks: TopicAsk[] }[];
  reads: number;
  listened: number[][];
}

interface Log {
  epoch: number;
  /** Entries that were there before the first one kept. */
  trimmed: number;
  events: StoredEvent[];
}

export function fakeLog(): FakeLog {
  const logs = new Map<number, Log>();
  const logOf = (partition: number): Log => {
    const log = logs.get(partition) ?? { epoch: 1, trimmed: 0, events: [] };
    logs.set(partition, log);
    return log;
  };
  const lastSeq = ({ events }: Log, topic: string) =>
    events.findLast((event) => event.topic === topic)?.seq ?? 0;
  const end = ({ trimmed, events }: Log) => String(trimmed + events.length);

  const fake: FakeLog = {
    away: false,
    gate: () => Promise.resolve(),
    asked: [],
    reads: 0,
    listened: [],
    append(partition, topic, taskId, type = 'task.changed') {
      const log = logOf(partition);
      const event = { topic, seq: lastSeq(log, topic) + 1, type, payload: { taskId, at: 0 } };
      log.events.push(event);
      return event;
    },
    setBack(partition, entries) {
      const log = logOf(partition);
      log.epoch += 1;
      log.events.length = entries;
    },
    trim(partition, kept) {
      const log = logOf(partition);
      log.trimmed += log.events.length - kept;
      log.events = log.events.slice(-kept);
    },
    store: {
      async readEvents(partition, after, limit) {
        fake.reads += 1;
        if (fake.away) throw new StoreUnavailableError('away');
        const log = logOf(partition);
        const from = after === null ? log.trimmed : Number(after.position);
        const gap = after !== null && (after.epoch !== `e${log.epoch}` || from < log.trimmed);
        const events = gap ? [] : log.events.slice(from - log.trimmed, from - log.trimmed + limit);
        const answer = { epoch: `e${log.epoch}`, position: String(from + events.length), events, gap };
        await fake.gate('read');
        return answer;
      },
      async replayTopics(partition, asks, limit) {
        fake.asked.push({ partition, asks });
        if (fake.away) throw new StoreUnavailableError('away');
        const log = logOf(partition);
        const scanned = log.events.slice(-limit);
        const topics = asks.map(({ topic, afterSeq }) => {
          const seq = lastSeq(log, topic);
          if (afterSeq === null || afterSeq === seq) return { topic, seq, events: [] };
          const events = scanned.filter((event) => event.topic === topic && event.seq > afterSeq);
          return { topic, seq, events: events[0]?.seq === afterSeq + 1 ? events : null };
        });
        const answer = { epoch: `e${log.epoch}`, position: end(log), topics };
        await fake.gate('replay');
        return answer;
      },
      listen(partitions) {
        fake.listened.push([...partitions]);
      },
    },
  };
  return fake;
}

/** Lets everything run that waits for nothing but its turn. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
