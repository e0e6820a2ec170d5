/**
 * Reads a replay in pages, for both stores. Where the topics stand is one atomic read, the first page; entries older
 * than its position never change (they can only be trimmed), so that the rest may be read in short calls that let others
 * in between: 10,000 entries in one go would hold the store for a second.
 */
import type { StoredEvent, TopicAsk, TopicReplay } from './requests.ts';
import { answerAsks, MOST_ENTRIES, MOST_TOPICS, type ParsedTopic, parseTopic } from './topics.ts';

/** Of at most a few thousand events each, so that a log of bursts is given up (null) after about 100,000 lines. */
const MOST_PAGES = 50;

/** A topic to look for: events after this seq, or none at all (null). */
export interface SoughtTopic extends ParsedTopic {
  topic: string;
  afterSeq: number | null;
}

export interface ReplayPage {
  epoch: string;
  /** Of the newest entry; of use in the first page only. */
  position: string;
  /** The sought topics' last seqs, in their order; of use in the first page only. */
  seqs: number[];
  /** Oldest first; events of other topics may be among them. */
  events: StoredEvent[];
  /** Entries looked through. */
  looked: number;
  /** Where the next, older page begins; null when nothing is left to look for, or nowhere to look. */
  before: string | null;
}

/**
 * See Store.replayTopics. `readPage` looks through up to `limit` entries older than `before` (null: from the newest on).
 * Throws when a topic is none of the partition's, or more is asked for than the contract allows.
 */
export async function replayInPages(
  partition: number,
  asks: readonly TopicAsk[],
  limit: number,
  readPage: (sought: readonly SoughtTopic[], before: string | null, limit: number) => Promise<ReplayPage>,
): Promise<{ epoch: string; position: string; topics: TopicReplay[] }> {
  const sought = soughtTopics(partition, asks, limit);
  const first = await readPage(sought, null, limit);
  const seqs = new Map(sought.map(({ topic }, index) => [topic, first.seqs[index] as number]));
  const pages = [first.events];
  let looked = first.looked;
  let left = incomplete(sought, seqs, first.events);
  for (let { before } = first; before !== null && left.length > 0 && looked < limit; ) {
    if (pages.length === MOST_PAGES) break;
    const page = await readPage(left, before, limit - looked);
    // Another epoch: what is older is not what these seqs count.
    if (page.epoch !== first.epoch) break;
    pages.push(page.events);
    looked += page.looked;
    left = incomplete(left, seqs, page.events);
    before = page.before;
  }
  const topics = answerAsks(asks, seqs, pages.reverse().flat());
  return { epoch: first.epoch, position: first.position, topics };
}

/** The topics of which older events are still to be found than this page's. */
function incomplete(
  sought: readonly SoughtTopic[],
  seqs: ReadonlyMap<string, number>,
  events: readonly StoredEvent[],
): SoughtTopic[] {
  const oldest = new Map(events.toReversed().map(({ topic, seq }) => [topic, seq]));
  return sought.filter(({ topic, afterSeq }) => {
    if (afterSeq === null || afterSeq >= (seqs.get(topic) as number)) return false;
    return (oldest.get(topic) ?? Number.POSITIVE_INFINITY) > afterSeq + 1;
  });
}

/** Each topic once, sought from the lowest seq that is asked for. */
function soughtTopics(partition: number, asks: readonly TopicAsk[], limit: number): SoughtTopic[] {
  if (asks.length > MOST_TOPICS) throw new Error(`replayTopics takes at most ${MOST_TOPICS} topics`);
  if (!(limit >= 0 && limit <= MOST_ENTRIES))
    throw new Error(`replayTopics looks at up to ${MOST_ENTRIES} entries`);
  const sought = new Map<string, SoughtTopic>();
  for (const { topic, afterSeq } of asks) {
    const parsed = parseTopic(partition, topic);
    if (parsed === null) throw new Error(`${topic} is no topic of partition ${partition}`);
    if (afterSeq !== null && !(Number.isSafeInteger(afterSeq) && afterSeq >= 0)) {
      throw new Error(`${topic}: a seq is a whole number`);
    }
    const known = sought.get(topic);
    if (known === undefined) sought.set(topic, { ...parsed, topic, afterSeq });
    else if (afterSeq !== null) known.afterSeq = Math.min(known.afterSeq ?? afterSeq, afterSeq);
  }
  return [...sought.values()];
}
