/** The hot path: fire, claim, renew, finish, recover. */
import type { ClaimedRun } from '../records.ts';
import type {
  ClaimRequest,
  FinishAnswer,
  FinishRequest,
  FireAnswer,
  FireRequest,
  RenewAnswer,
  Store,
} from '../store.ts';
import { checkDecisions } from './check-decisions.ts';
import { encodeName } from './keys.ts';
import type { Arg, Link } from './link.ts';
import { decodeClaimed, STATE_OF } from './run-codec.ts';
import { encodeEpisode } from './task-codec.ts';
import { REASON_LETTER } from './verdict-codec.ts';

type FiringSteps = Pick<Store, 'fireSlots' | 'claimRuns' | 'renewRuns' | 'finishRuns' | 'recoverRuns'>;

/** One call must not hold Redis much longer than 2 ms: that is lateness for every other server. */
const TASKS_A_FIRE = 100;
const DECISIONS_A_FIRE = 200;
const RUNS_A_FINISH = 100;
/** Who asks for more than 50 at once holds Redis longer: about 12 µs a run. */
const MOST_CLAIMED = 1_000;
const MOST_DECISIONS = 1_000;

/** What stands in a run's record must be without spaces and line ends. */
const SAFE = /^[A-Za-z0-9_.:-]{1,64}$/;

const LETTERS = {
  succeeded: 's',
  failed: 'f',
  timed_out: 't',
  cancelled: 'x',
  retry: 'w',
  released: 'r',
} as const;

export function createFiringSteps({ link }: { link: Link }): FiringSteps {
  return {
    async fireSlots(partition, fires, claim) {
      const chunks = chunkFires(fires);
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
      const bodies = chunks.map((chunk) => chunk.flatMap(encodeFinish));
      const answers = await inTwos(bodies, (body, index) =>
        link.step('finish-runs', partition, [
          ...encodeClaim(index === chunks.length - 1 ? claim : undefined),
          ...body,
        ]),
      );
      const codes = answers.flatMap(([codes]) => codes as string[]);
      return {
        finished: items.map(({ runId }, index) => decodeFinish(runId, codes[index] as string)),
        claimed: claimedOf(answers.at(-1)?.[1], claim),
      };
    },

    async recoverRuns(partition, { limit, countLosses }) {
      const answer = await link.step('recover-runs', partition, [limit, countLosses ? 1 : 0]);
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

/** `part` tells the calls apart that share one request. */
function encodeClaim(claim: ClaimRequest | undefined, limit = claim?.limit ?? 0, part = 0): Arg[] {
  if (claim === undefined || limit < 1) return ['', '', '', 0, 0];
  if (!SAFE.test(claim.requestId)) throw new Error(`a request id must match ${SAFE}`);
  const claimKey = part === 0 ? claim.requestId : `${claim.requestId}:${part}`;
  return [claimKey, claim.requestId, encodeName(claim.worker), Math.min(limit, MOST_CLAIMED), claim.leaseMs];
}

/** Each call claims as many as it may make ready, the last one what is left; a repeat shares in the same way. */
function shareClaim(claim: ClaimRequest | undefined, chunks: FireRequest[][]): Arg[][] {
  let left = claim?.limit ?? 0;
  return chunks.map((chunk, index) => {
    const slots = chunk.reduce((sum, { decisions }) => sum + decisions.length, 0);
    const share = index === chunks.length - 1 ? left : Math.min(left, slots);
    left -= share;
    return encodeClaim(claim, share, index);
  });
}

const claimedOf = (values: unknown, claim: ClaimRequest | undefined): ClaimedRun[] =>
  claim === undefined ? [] : decodeClaimed(values as (string | number)[], claim.requestId);

function chunkFires(fires: FireRequest[]): FireRequest[][] {
  if (fires.length === 0) return [[]];
  const chunks: FireRequest[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const fire of fires) {
    weight += fire.decisions.length;
    if (weight > DECISIONS_A_FIRE || (chunks.at(-1)?.length ?? 0) >= TASKS_A_FIRE) {
      chunks.push([]);
      weight = fire.decisions.length;
    }
    chunks.at(-1)?.push(fire);
  }
  return chunks;
}

function encodeFire(fire: FireRequest): Arg[] {
  const { taskId, cursorAt, nextCursorAt, decisions, policy } = fire;
  if (decisions.length > MOST_DECISIONS) throw new Error(`${taskId}: more than ${MOST_DECISIONS} decisions`);
  checkDecisions(taskId, cursorAt, nextCursorAt, decisions);
  const args: Arg[] = [
    fire.taskId,
    fire.version,
    fire.cursorAt,
    fire.nextCursorAt,
    fire.nextAt ?? '-',
    encodeEpisode(fire.episode),
    fire.ends ? 1 : 0,
    policy.overlap,
    `${policy.timeoutMs} ${policy.lateAfterMs} ${policy.priority}`,
    fire.decisions.length,
  ];
  for (const decision of fire.decisions) {
    if (decision.kind === 'skip') {
      const { plannedAt, toAt, day, count, reason } = decision;
      args.push('s', plannedAt, toAt, day, `${count},${REASON_LETTER[reason]}`);
    } else {
      args.push(
        decision.kind === 'fire' ? 'f' : 'c',
        decision.plannedAt,
        decision.nominalAt,
        decision.day,
        '',
      );
    }
  }
  return args;
}

function decodeFire(taskId: string, text: string, now: number): FireAnswer {
  if (text === 'a') return { code: 'already_fired', taskId };
  if (text === 'e') return { code: 'early', taskId, now };
  if (text === 's') return { code: 'stale', taskId };
  if (text === 'g') return { code: 'gone', taskId };
  const [, runs, skipped, ready] = text.split(' ') as [string, string, string, string];
  return {
    code: 'fired',
    taskId,
    ready: ready === '' ? [] : ready.split(','),
    runs: Number(runs),
    skipped: Number(skipped),
  };
}

function encodeFinish(item: FinishRequest): Arg[] {
  const { outcome, attemptOutcome, endTask, error, result } = item;
  const retryInMs = outcome === 'retry' ? Math.max(0, Math.round(item.retryInMs)) : 0;
  return [
    item.runId,
    item.token,
    item.fence,
    `${LETTERS[outcome]}${LETTERS[attemptOutcome]}${endTask ? 1 : 0}${retryInMs}`,
    error === null ? '' : JSON.stringify(error),
    result === null ? '' : JSON.stringify(result),
  ];
}

function decodeFinish(runId: string, text: string): FinishAnswer {
  if (text === 'r') return { code: 'refused', runId };
  if (text === 'g') return { code: 'gone', runId };
  const state = STATE_OF[text.slice(1)] as (typeof STATE_OF)[string];
  return { code: text.startsWith('f') ? 'finished' : 'already_done', runId, state };
}
