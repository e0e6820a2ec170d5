/**
 * What becomes of an on-time slot while earlier on-time runs of its task have not ended (Temporal's terms). Pure; the
 * firing steps of both stores implement the same rule and are tested against the same vectors (test/store/contract).
 */
import type { OverlapPolicy } from '../../shared/task.ts';

/** Most runs held under buffer_all, and most unended under allow_all. */
export const OVERLAP_LIMIT = 100;

export interface OverlapDecision {
  /** `ready`: fired and queued. `hold`: fired and held. `skip`: no run. */
  slot: 'ready' | 'hold' | 'skip';
  reason: 'overlap' | 'buffer_full' | null;
  /** Earlier unended runs are asked to cancel. */
  cancelLive: boolean;
  /** Runs held so far are cancelled (replaced). */
  cancelHeld: boolean;
  /** Runs held so far become ready first (left from a policy that buffered). */
  releaseHeld: boolean;
}

/**
 * `live`: unended on-time runs that are not held. `held`: held ones. Earlier runs that are only queued or waiting for a
 * retry are cancelled at once by cancelLive: when none is left unended, the slot is `ready` and not held.
 */
export function resolveOverlap(policy: OverlapPolicy, live: number, held: number): OverlapDecision {
  const decide = (slot: OverlapDecision['slot'], reason: OverlapDecision['reason'] = null) => ({
    slot,
    reason,
    cancelLive: false,
    cancelHeld: false,
    releaseHeld: false,
  });
  switch (policy) {
    case 'allow_all':
      return live + held < OVERLAP_LIMIT
        ? { ...decide('ready'), releaseHeld: held > 0 }
        : decide('skip', 'buffer_full');
    case 'skip':
      return live + held === 0 ? decide('ready') : decide('skip', 'overlap');
    case 'buffer_one':
      if (live + held === 0) return decide('ready');
      return held === 0 ? decide('hold') : decide('skip', 'buffer_full');
    case 'buffer_all':
      if (live + held === 0) return decide('ready');
      return held < OVERLAP_LIMIT ? decide('hold') : decide('skip', 'buffer_full');
    case 'cancel_other':
      return { ...decide(live === 0 ? 'ready' : 'hold'), cancelLive: live > 0, cancelHeld: held > 0 };
  }
}
