/**
 * What becomes of one on-time slot, by policy and by what earlier on-time slots left behind. The same table is put to the
 * pure rule (server/store/overlap.ts) and to the firing step of each store.
 */
import type { OverlapDecision } from '../../../server/store/overlap.ts';
import type { RunState } from '../../../shared/run.ts';
import type { OverlapPolicy } from '../../../shared/task.ts';

export type LiveState = 'queued' | 'running' | 'retry_wait' | 'cancelling';

export interface OverlapVector {
  policy: OverlapPolicy;
  /** Earlier unended runs that are not held, oldest first; those no longer queued come first. */
  live: LiveState[];
  held: number;
  decision: OverlapDecision;
  /** The slot after the step: the state of its run, or the reason why it has none. */
  slot: 'queued' | 'held' | 'overlap' | 'buffer_full';
  /** The earlier runs after the step. */
  liveAfter: RunState[];
  /** All runs held so far, after the step. */
  heldAfter: 'held' | 'queued' | 'cancelled';
}

const times = (n: number, state: LiveState): LiveState[] => Array<LiveState>(n).fill(state);

/** A vector in which nothing happens to earlier runs. */
function plain(
  policy: OverlapPolicy,
  live: LiveState[],
  held: number,
  slot: OverlapVector['slot'],
  changes: Partial<OverlapDecision> = {},
  after: { live?: RunState[]; held?: OverlapVector['heldAfter'] } = {},
): OverlapVector {
  const skipped = slot === 'overlap' || slot === 'buffer_full';
  const rule = skipped ? 'skip' : slot === 'queued' ? 'ready' : 'hold';
  const decision: OverlapDecision = {
    slot: rule,
    reason: skipped ? slot : null,
    cancelLive: false,
    cancelHeld: false,
    releaseHeld: false,
    ...changes,
  };
  return {
    policy,
    live,
    held,
    decision,
    slot,
    liveAfter: after.live ?? live,
    heldAfter: after.held ?? 'held',
  };
}

const cancelling = (
  live: LiveState[],
  held: number,
  slot: 'queued' | 'held',
  liveAfter: RunState[],
): OverlapVector =>
  plain(
    'cancel_other',
    live,
    held,
    slot,
    // The rule knows only how many are live; the step finds that queued and waiting ones are gone at once.
    { slot: live.length > 0 ? 'hold' : 'ready', cancelLive: live.length > 0, cancelHeld: held > 0 },
    { live: liveAfter, held: 'cancelled' },
  );

const EACH_LIVE: LiveState[] = ['queued', 'running', 'retry_wait', 'cancelling'];

export const OVERLAP_VECTORS: readonly OverlapVector[] = [
  // skip: only when nothing is left unended
  plain('skip', [], 0, 'queued'),
  ...EACH_LIVE.map((state) => plain('skip', [state], 0, 'overlap')),
  plain('skip', ['running', 'queued'], 0, 'overlap'),
  plain('skip', ['running'], 2, 'overlap'),
  plain('skip', [], 1, 'overlap'),

  // buffer_one: one waits
  plain('buffer_one', [], 0, 'queued'),
  ...EACH_LIVE.map((state) => plain('buffer_one', [state], 0, 'held')),
  plain('buffer_one', ['running', 'queued', 'queued'], 0, 'held'),
  plain('buffer_one', ['running'], 1, 'buffer_full'),
  plain('buffer_one', ['running'], 5, 'buffer_full'),
  plain('buffer_one', [], 1, 'buffer_full'),

  // buffer_all: a hundred wait
  plain('buffer_all', [], 0, 'queued'),
  ...EACH_LIVE.map((state) => plain('buffer_all', [state], 0, 'held')),
  plain('buffer_all', ['running'], 1, 'held'),
  plain('buffer_all', ['running'], 99, 'held'),
  plain('buffer_all', ['running'], 100, 'buffer_full'),
  plain('buffer_all', times(100, 'queued'), 0, 'held'),
  plain('buffer_all', [], 1, 'held'),

  // cancel_other: earlier ones go; the new one waits for those that run
  cancelling([], 0, 'queued', []),
  cancelling(['queued'], 0, 'queued', ['cancelled']),
  cancelling(['retry_wait'], 0, 'queued', ['cancelled']),
  cancelling(['running'], 0, 'held', ['cancelling']),
  cancelling(['cancelling'], 0, 'held', ['cancelling']),
  cancelling(['retry_wait', 'queued', 'queued'], 0, 'queued', ['cancelled', 'cancelled', 'cancelled']),
  cancelling(['running', 'retry_wait', 'queued'], 0, 'held', ['cancelling', 'cancelled', 'cancelled']),
  cancelling(['running', 'cancelling'], 0, 'held', ['cancelling', 'cancelling']),
  cancelling(['cancelling'], 1, 'held', ['cancelling']),
  cancelling(['running'], 3, 'held', ['cancelling']),
  cancelling(['queued'], 3, 'queued', ['cancelled']),
  cancelling(times(100, 'running'), 0, 'held', times(100, 'cancelling')),
  cancelling([], 1, 'queued', []),

  // allow_all: a hundred unended, and whoever was held goes first
  plain('allow_all', [], 0, 'queued'),
  ...EACH_LIVE.map((state) => plain('allow_all', [state], 0, 'queued')),
  plain('allow_all', ['running'], 1, 'queued', { releaseHeld: true }, { held: 'queued' }),
  plain('allow_all', ['cancelling', 'queued'], 3, 'queued', { releaseHeld: true }, { held: 'queued' }),
  plain('allow_all', times(99, 'queued'), 0, 'queued'),
  plain('allow_all', times(100, 'queued'), 0, 'buffer_full'),
  plain('allow_all', times(98, 'queued'), 1, 'queued', { releaseHeld: true }, { held: 'queued' }),
  plain('allow_all', times(99, 'queued'), 1, 'buffer_full'),
  plain('allow_all', ['running'], 100, 'buffer_full'),
  plain('allow_all', [], 1, 'queued', { releaseHeld: true }, { held: 'queued' }),
];

/** Held runs behind nobody: no sequence of steps leaves that, so only the pure rule is asked. */
export const isReachable = (vector: OverlapVector): boolean => vector.live.length > 0 || vector.held === 0;

export const nameOf = ({ policy, live, held }: OverlapVector): string => {
  const states = [...new Set(live)].map((state) => `${live.filter((one) => one === state).length} ${state}`);
  return `${policy}, live: ${states.join(' + ') || 'none'}, held: ${held}`;
};
