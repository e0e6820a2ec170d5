/** Requests of the hot path as script arguments, their answers as the contract has them. */
import type { ClaimRequest, FinishAnswer, FinishRequest, FireAnswer, FireRequest } from '../requests.ts';
import { checkDecisions } from './check-decisions.ts';
import { encodeName } from './keys.ts';
import type { Arg } from './link.ts';
import { STATE_OF } from './run-codec.ts';
import { encodeEpisode } from './task-codec.ts';
import { REASON_LETTER } from './verdict-codec.ts';

const DECISIONS_A_FIRE = 200;
const MOST_DECISIONS = 1_000;
/** Who asks for more than 50 at once holds Redis longer: about 12 µs a run. */
const MOST_CLAIMED = 1_000;

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

/** `part` tells the calls apart that share one request. */
export function encodeClaim(claim: ClaimRequest | undefined, limit = claim?.limit ?? 0, part = 0): Arg[] {
  if (claim === undefined || limit < 1) return ['', '', '', 0, 0];
  if (!SAFE.test(claim.requestId)) throw new Error(`a request id must match ${SAFE}`);
  const claimKey = part === 0 ? claim.requestId : `${claim.requestId}:${part}`;
  return [claimKey, claim.requestId, encodeName(claim.worker), Math.min(limit, MOST_CLAIMED), claim.leaseMs];
}

/** Each call claims as many as it may make ready, the last one what is left; a repeat shares in the same way. */
export function shareClaim(claim: ClaimRequest | undefined, chunks: FireRequest[][]): Arg[][] {
  let left = claim?.limit ?? 0;
  return chunks.map((chunk, index) => {
    const slots = chunk.reduce((sum, { decisions }) => sum + decisions.length, 0);
    const share = index === chunks.length - 1 ? left : Math.min(left, slots);
    left -= share;
    return encodeClaim(claim, share, index);
  });
}

/** Parts that one call each may take: so many tasks, and so many slots (a single task's are never parted). */
export function chunkFires(fires: FireRequest[], most: number): FireRequest[][] {
  if (fires.length === 0) return [[]];
  const chunks: FireRequest[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const fire of fires) {
    weight += fire.decisions.length;
    if (weight > DECISIONS_A_FIRE || (chunks.at(-1)?.length ?? 0) >= most) {
      chunks.push([]);
      weight = fire.decisions.length;
    }
    chunks.at(-1)?.push(fire);
  }
  return chunks;
}

export function encodeFire(fire: FireRequest): Arg[] {
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

export function decodeFire(taskId: string, text: string, now: number): FireAnswer {
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

/** Appends one finish; flatMap over small lists took 2.4 µs a run. */
export function addFinish(args: Arg[], item: FinishRequest): void {
  const { outcome, attemptOutcome, endTask, error, result } = item;
  const retryInMs = outcome === 'retry' ? Math.max(0, Math.round(item.retryInMs)) : '';
  args.push(
    item.runId,
    `${item.token} ${item.fence} `,
    `${LETTERS[outcome]}${LETTERS[attemptOutcome]}${endTask ? 1 : 0}${retryInMs}`,
    error === null ? '' : JSON.stringify(error),
    result === null ? '' : JSON.stringify(result),
  );
}

export function decodeFinish(runId: string, text: string): FinishAnswer {
  if (text === 'r') return { code: 'refused', runId };
  if (text === 'g') return { code: 'gone', runId };
  const state = STATE_OF[text.slice(1)] as (typeof STATE_OF)[string];
  return { code: text.startsWith('f') ? 'finished' : 'already_done', runId, state };
}
