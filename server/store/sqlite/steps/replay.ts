/** Where topics stand, and what the log holds about them. */
import type { ReplayPage, SoughtTopic } from '../../replay.ts';
import type { State } from '../state.ts';
import { checkPartition } from './claim.ts';

/** One page of replayTopics; its events are those of the topics. */
export function replayPage(
  s: State,
  _now: number,
  partition: number,
  sought: readonly SoughtTopic[],
  before: string | null,
  limit: number,
): ReplayPage {
  checkPartition(partition);
  s.events.flush();
  const seqs = sought.map((topic) => lastSeq(s, topic));
  const isBehind = sought.some(
    ({ afterSeq }, index) => afterSeq !== null && afterSeq < (seqs[index] as number),
  );
  const page = s.events.readBack(partition, before, isBehind ? limit : 0);
  const topics = new Set(sought.map(({ topic }) => topic));
  return { ...page, seqs, events: page.events.filter(({ topic }) => topics.has(topic)) };
}

/** A deleted task's topic keeps its seq for 30 days; the topic of a run that is no longer kept begins at 0 again. */
function lastSeq(s: State, { kind, id }: SoughtTopic): number {
  if (kind === 'owner') return s.owner(id).seq;
  if (kind === 'run') return s.run(id)?.seq ?? 0;
  const task = s.task(id);
  if (task !== null) return task.seq;
  return Number(s.db.prepare('SELECT seq FROM gone_task WHERE id = ?').get(id)?.seq ?? 0);
}
