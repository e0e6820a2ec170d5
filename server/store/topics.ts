/** Topics as stores take them apart, and the answer of a replay: pure, the same for both stores. */
import { partitionOfId, partitionOfOwner } from './ids.ts';
import type { StoredEvent, TopicAsk, TopicReplay } from './requests.ts';

/** What a topic is about, and its owner's, task's or run's id. */
export interface ParsedTopic {
  kind: 'owner' | 'task' | 'run';
  id: string;
}

/** Most topics of one replay, and most log entries that it looks through. */
export const MOST_TOPICS = 200;
export const MOST_ENTRIES = 10_000;

/** Null for what is no topic, or lies in another partition. */
export function parseTopic(partition: number, topic: string): ParsedTopic | null {
  const [, word, id] = /^(tasks|task|run):(.+)$/s.exec(topic) ?? [];
  if (word === undefined || id === undefined) return null;
  if (word === 'tasks') return partitionOfOwner(id) === partition ? { kind: 'owner', id } : null;
  return partitionOfId(id) === partition ? { kind: word === 'task' ? 'task' : 'run', id } : null;
}

/** The events of one ask out of all that were found, oldest first; null unless they reach from its seq to the last one. */
function eventsOf({ afterSeq }: TopicAsk, seq: number, found: readonly StoredEvent[]): StoredEvent[] | null {
  if (afterSeq === null || afterSeq === seq) return [];
  if (afterSeq > seq) return null;
  const events = found.filter((event) => event.seq > afterSeq);
  const isWhole =
    events.length === seq - afterSeq && events.every((event, k) => event.seq === afterSeq + 1 + k);
  return isWhole ? events : null;
}

/** Each ask's answer, in the order asked. `seqs`: last seq by topic. `found`: events looked through, oldest first. */
export function answerAsks(
  asks: readonly TopicAsk[],
  seqs: ReadonlyMap<string, number>,
  found: readonly StoredEvent[],
): TopicReplay[] {
  const byTopic = new Map<string, StoredEvent[]>(asks.map(({ topic }) => [topic, []]));
  for (const event of found) byTopic.get(event.topic)?.push(event);
  return asks.map((ask) => {
    const seq = seqs.get(ask.topic) ?? 0;
    return { topic: ask.topic, seq, events: eventsOf(ask, seq, byTopic.get(ask.topic) ?? []) };
  });
}
