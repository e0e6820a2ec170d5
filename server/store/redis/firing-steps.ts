/** The hot path: fire, claim, renew, finish, recover. */
import type { ClaimedRun } from '../records.ts';
import type { ClaimRequest, FinishRequest, RenewAnswer } from '../requests.ts';
import type { Store } from '../store.ts';
import {
  addFinish,
  chunkFires,
  decodeFinish,
  decodeFire,
  encodeClaim,
  encodeFire,
  shareClaim,
} from './firing-codec.ts';
import type { Arg, Link } from './link.ts';
import { decodeClaimed, STATE_OF } from './run-codec.ts';

type FiringSteps = Pick<Store, 'fireSlots' | 'claimRuns' | 'renewRuns' | 'finishRuns' | 'recoverRuns'>;

/** One call must not hold Redis much longer than 2 ms: that is lateness for every other server. */
const TASKS_A_FIRE = 100;
const TASKS_A_FIRE_AND_CLAIM = 50;
const RUNS_A_FINISH = 50;

export function createFiringSteps({ link }: { link: Link }): FiringSteps {
  return {
    async fireSlots(partition, fires, claim) {
      const chunks = chunkFires(fires, claim === undefined ? TASKS_A_FIRE : TASKS_A_FIRE_AND_CLAIM);
      const bodies = chunks.map((chunk) => chunk.flatMap(encodeFire));
      const claims = shareClaim(claim, chunks);
      const answers = await inTwos(bodies, (body, index) =>
        link.step('fire-slots', partition, [...(claims[index] as Arg[]), ...body]),
      );
      const texts = answers.flatMap(([now, texts]) => (texts as string[]).map((text) => ({ now, text })));
      return {
        fires: fires.map(({ taskId }, index) => {
          const { now, text } = texts[index] as { now: unknown; text: string };
          return decodeFire(taskId, text, Number(now));
        }),
        claimed: answers.flatMap(([, , values]) => claimedOf(values, claim)),
      };
    },

    async claimRuns(partition, claim) {
      if (claim.limit < 1) return [];
      const [claimed] = await link.step('claim-runs', partition, encodeClaim(claim));
      return claimedOf(claimed, claim);
    },

    async renewRuns(partition, items, leaseMs) {
      const answers: RenewAnswer[] = [];
      if (items.length === 0) return answers;
      const args = items.flatMap(({ runId, token, fence }) => [runId, token, fence]);
      const [letters] = (await link.step('renew-runs', partition, [leaseMs, ...args])) as [string[]];
      for (const [index, { runId }] of items.entries()) {
        const letter = letters[index];
        answers.push({ runId, code: letter === 'r' ? 'renewed' : letter === 'c' ? 'cancelling' : 'lost' });
      }
      return answers;
    },

    async finishRuns(partition, items, claim) {
      const chunks: FinishRequest[][] = [];
      for (let from = 0; from < items.length; from += RUNS_A_FINISH) {
        chunks.push(items.slice(from, from + RUNS_A_FINISH));
      }
      if (chunks.length === 0) chunks.push([]);
      const answers = await inTwos(chunks, (chunk, index) => {
        const args = encodeClaim(index === chunks.length - 1 ? claim : undefined);
        for (const item of chunk) addFinish(args, item);
        return link.step('finish-runs', partition, args);
      });
      const codes = answers.flatMap(([codes]) => codes as string[]);
      return {
        finished: items.map(({ runId }, index) => decodeFinish(runId, codes[index] as string)),
        claimed: claimedOf(answers.at(-1)?.[1], claim),
      };
    },

    async recoverRuns(partition, { limit, countLosses, validUntilAt }) {
      const answer = await link.step('recover-runs', partition, [
        limit,
        countLosses ? 1 : 0,
        Math.floor(validUntilAt ?? Number.MAX_SAFE_INTEGER),
      ]);
      const [flat, promoted, nextAt] = answer as [string[], number, string];
      const lost = [];
      for (let at = 0; at < flat.length; at += 2) {
        const runId = flat[at] as string;
        const state = STATE_OF[flat[at + 1] as string] as (typeof STATE_OF)[string];
        lost.push({ runId, taskId: runId.slice(0, runId.indexOf(':')), state });
      }
      return { lost, promoted, nextAt: nextAt === '-' ? null : Number(nextAt) };
    },
  };
}

const claimedOf = (values: unknown, claim: ClaimRequest | undefined): ClaimedRun[] =>
  claim === undefined ? [] : decodeClaimed(values as string[], claim.requestId);

/** Two calls under way at once: with one, Redis waits for the network (measured: -20 to -31 % of the burst). */
async function inTwos<T, A>(items: T[], call: (item: T, index: number) => Promise<A>): Promise<A[]> {
  const answers: Promise<A>[] = [];
  for (const [index, item] of items.entries()) {
    if (index >= 2) await answers[index - 2];
    const answer = call(item, index);
    // Its failure is seen below; until then it must not count as unhandled.
    answer.catch(() => {});
    answers.push(answer);
  }
  return Promise.all(answers);
}
