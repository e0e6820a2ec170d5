/** Runs one by one: asking, cancelling, reading, logs. */
import { partitionOfId, partitionOfOwner, taskIdOfRun } from '../ids.ts';
import { OWNER_RUNS_SCANNED } from '../limits.ts';
import type { RunRecord } from '../records.ts';
import type { AskAnswer, AskedRun, CancelAnswer, StoredLogLine } from '../requests.ts';
import type { Store } from '../store.ts';
import { decodeName, encodeName, type Keys } from './keys.ts';
import type { Arg, Link } from './link.ts';
import { decodeRun, LETTER_OF } from './run-codec.ts';
import { ownerOfHot } from './task-codec.ts';

type RunSteps = Pick<Store, 'askRuns' | 'cancelRun' | 'getRun' | 'listRuns' | 'appendRunLog' | 'listRunLog'>;

/** Runs looked at by one call of a listing; 500 records of 0.3 KB hold Redis for about 0.3 ms. */
const RUNS_A_READ = 500;

export function createRunSteps({ link, keys }: { link: Link; keys: Keys }): RunSteps {
  return {
    async askRuns(taskId, runs, maxUnended) {
      const partition = partitionOfId(taskId);
      if (runs.length > 100) throw new Error('askRuns takes at most 100 runs');
      if (partition === null) return runs.map((): AskAnswer => ({ code: 'gone' }));
      for (const { id } of runs) {
        if (taskIdOfRun(id) !== taskId) throw new Error(`run ${id} is not one of task ${taskId}`);
      }
      const answer = await link.step('ask-runs', partition, [
        taskId,
        maxUnended,
        ...runs.flatMap(encodeAsked),
      ]);
      const [owner, flat] = answer as [string, string[]];
      return runs.map(({ id }, index): AskAnswer => {
        const [code, text] = flat.slice(2 * index) as [AskAnswer['code'], string];
        return code === 'created' || code === 'exists'
          ? { code, run: decodeRun(id, decodeName(owner), text) }
          : { code };
      });
    },

    async cancelRun(runId) {
      const partition = partitionOfId(runId);
      if (partition === null) return { code: 'gone' };
      const answer = await link.step('cancel-run', partition, [runId]);
      const [code, owner, text] = answer as [CancelAnswer['code'], string, string];
      return code === 'gone' ? { code } : { code, run: decodeRun(runId, decodeName(owner), text) };
    },

    async getRun(runId) {
      const partition = partitionOfId(runId);
      if (partition === null) return null;
      const names = [keys.of(partition, 'RUN', runId), keys.of(partition, 'TASK', taskIdOfRun(runId))];
      const [text, hot] = await link.command((client) => client.mget(names));
      return text && hot ? decodeRun(runId, decodeName(ownerOfHot(hot)), text) : null;
    },

    async listRuns(of, { states, limit, before }) {
      const byTask = 'taskId' in of;
      const partition = byTask ? partitionOfId(of.taskId) : partitionOfOwner(of.ownerId);
      if (partition === null || limit < 1 || states?.length === 0) return { items: [], more: false };
      const letters = (states ?? []).map((state) => LETTER_OF[state]).join('');
      const items: RunRecord[] = [];
      let last = before ?? '';
      let more = true;
      for (let looked = 0; more && items.length < limit && looked < OWNER_RUNS_SCANNED; ) {
        const answer = await link.read('list-runs', keys.partition(partition), [
          byTask ? 'task' : 'owner',
          byTask ? of.taskId : encodeName(of.ownerId),
          letters,
          limit - items.length,
          last,
          Math.min(RUNS_A_READ, OWNER_RUNS_SCANNED - looked),
        ]);
        const [owner, texts, lastId, number, older] = answer as [string, string[], string, number, number];
        const ownerId = byTask ? decodeName(owner) : of.ownerId;
        for (let at = 0; at < texts.length; at += 2) {
          items.push(decodeRun(texts[at] as string, ownerId, texts[at + 1] as string));
        }
        more = older === 1 && number > 0;
        looked += number;
        last = lastId;
      }
      return { items, more };
    },

    async appendRunLog(runId, lease, lines, progress) {
      const partition = partitionOfId(runId);
      if (partition === null) return false;
      const [isKept] = (await link.step('append-run-log', partition, [
        runId,
        lease.token,
        lease.fence,
        progress ?? '',
        ...lines.map((line) => JSON.stringify(line)),
      ])) as [number];
      return isKept === 1;
    },

    async listRunLog(runId) {
      const partition = partitionOfId(runId);
      if (partition === null) return [];
      const texts = await link.command((client) => client.lrange(keys.of(partition, 'LOG', runId), 1, -1));
      return texts.map((text) => JSON.parse(text) as StoredLogLine);
    },
  };
}

function encodeAsked(run: AskedRun): Arg[] {
  const line = { free: 'f', late: 'l' }[run.line];
  const trigger = { manual: 'm', backfill: 'b' }[run.trigger];
  return [
    run.id,
    `${line}${trigger}-`,
    run.plannedAt ?? '-',
    run.nominalAt ?? '-',
    run.retryOf ?? '-',
    `${run.policy.timeoutMs} ${run.policy.lateAfterMs} ${run.policy.priority}`,
  ];
}
