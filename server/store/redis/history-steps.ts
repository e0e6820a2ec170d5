/** Verdicts, day counters, their pruning, and the event log. */
import { partitionOfId } from '../ids.ts';
import { type ReplayPage, replayInPages, type SoughtTopic } from '../replay.ts';
import type { StoredEvent } from '../requests.ts';
import type { Store } from '../store.ts';
import { decodeEvents } from './event-codec.ts';
import { encodeName, type Keys } from './keys.ts';
import type { Arg, Link } from './link.ts';
import { decodeDays, decodeVerdict } from './verdict-codec.ts';

type HistorySteps = Pick<
  Store,
  'listVerdicts' | 'countVerdicts' | 'listDays' | 'pruneTask' | 'readEvents' | 'replayTopics'
>;

/** Ended runs looked at, and so at most removed, by one prune. */
const RUNS_A_PRUNE = 500;

export function createHistorySteps({ link, keys }: { link: Link; keys: Keys }): HistorySteps {
  return {
    async listVerdicts(taskId, fromAt, toAt, { limit, oldestFirst = false }) {
      const partition = partitionOfId(taskId);
      if (partition === null || limit < 1 || toAt <= fromAt) return [];
      const args = [taskId, fromAt, toAt, limit, oldestFirst ? 1 : 0];
      const texts = (await link.read('list-verdicts', keys.partition(partition), args)) as string[];
      return texts.map(decodeVerdict);
    },

    async countVerdicts(taskId) {
      const partition = partitionOfId(taskId);
      if (partition === null) return { records: 0, oldestAt: null };
      const answer = await link.read('count-verdicts', keys.partition(partition), [taskId]);
      const [records, oldest] = answer as [number, string];
      return { records, oldestAt: oldest === '' ? null : decodeVerdict(oldest).plannedAt };
    },

    async listDays(taskId, fromDay) {
      const partition = partitionOfId(taskId);
      if (partition === null) return [];
      const fields = await link.command((client) => client.hgetall(keys.of(partition, 'DAYS', taskId)));
      return decodeDays(fields, fromDay);
    },

    async pruneTask(taskId, { foldAt, keepDay, segmentsBeforeAt, runsBeforeAt }) {
      const partition = partitionOfId(taskId);
      if (partition === null) return { verdicts: 0, runs: 0 };
      const args = [taskId, foldAt, keepDay, runsBeforeAt, RUNS_A_PRUNE, segmentsBeforeAt];
      const [verdicts, runs] = (await link.step('prune-task', partition, args)) as [number, number];
      return { verdicts, runs };
    },

    async readEvents(partition, after, limit) {
      const args = [after?.epoch ?? '', after?.position ?? '', limit];
      const answer = await link.read('read-events', keys.partition(partition), args);
      const [epoch, isGap, position, entries] = answer as [string, number, string, [string, string[]][]];
      return {
        epoch,
        position,
        events: entries.flatMap(([, fields]) => decodeEvents(fields)),
        gap: isGap === 1,
      };
    },

    replayTopics: (partition, asks, limit) =>
      replayInPages(partition, asks, limit, async (sought, before, most) => {
        const args = [before ?? '', most, ...sought.flatMap(encodeSought)];
        return decodePage(await link.read('replay-topics', keys.partition(partition), args));
      }),
  };
}

const SOUGHT_LETTER = { owner: 'o', task: 't', run: 'r' } as const;

const encodeSought = ({ kind, id, afterSeq }: SoughtTopic): Arg[] => [
  SOUGHT_LETTER[kind],
  kind === 'owner' ? encodeName(id) : id,
  afterSeq ?? '-',
];

function decodePage(answer: unknown): ReplayPage {
  const [epoch, position, seqs, looked, before, found] = answer as [
    string,
    string,
    number[],
    number,
    string,
    string[],
  ];
  const entries: StoredEvent[][] = [];
  for (let at = 0; at < found.length; at += 2) {
    entries.push(decodeEvents(['at', found[at] as string, 'e', found[at + 1] as string]));
  }
  const events = entries.reverse().flat();
  return { epoch, position, seqs, events, looked, before: before === '' ? null : before };
}
