/**
 * Notices that Redis lost acknowledged writes: a partition's write number went backwards, or its epoch is not the one
 * known. Then a new epoch is opened (or the one that another server opened is taken over) and the listener is told once.
 */
import { randomBytes } from 'node:crypto';
import { PARTITIONS } from '../ids.ts';

export interface EpochState {
  epoch: string;
  written: number;
}

export interface Epochs {
  /** What a step answered; in the order of the answers. A step that wrote has a number beyond all seen before. */
  saw(partition: number, epoch: string, written: number, wrote: boolean): void;
  /** Reads all partitions; opens the first epoch where there is none. */
  checkAll(): Promise<void>;
}

export function createEpochs(deps: {
  /** The atomic step: opens a new epoch unless nothing is lost or somebody else has. */
  open(partition: number, known: EpochState, random: string): Promise<EpochState>;
  onRollback(partition: number): void;
}): Epochs {
  const known: EpochState[] = Array.from({ length: PARTITIONS }, () => ({ epoch: '', written: 0 }));
  const checks = new Map<number, Promise<void>>();

  /** One at a time per partition. `lost`: a step's answer has shown it; the present number proves nothing any more. */
  function check(partition: number, lost: boolean): Promise<void> {
    const running = checks.get(partition);
    if (running !== undefined) return running;
    const started = compare(partition, lost).finally(() => checks.delete(partition));
    checks.set(partition, started);
    return started;
  }

  async function compare(partition: number, lost: boolean): Promise<void> {
    const before = { ...(known[partition] as EpochState) };
    const asked = lost ? { ...before, written: Number.MAX_SAFE_INTEGER } : before;
    const now = await deps.open(partition, asked, randomBytes(6).toString('hex'));
    const latest = known[partition] as EpochState;
    known[partition] =
      latest.epoch === now.epoch ? { ...now, written: Math.max(now.written, latest.written) } : now;
    if (before.epoch !== '' && now.epoch !== before.epoch) deps.onRollback(partition);
  }

  return {
    saw(partition, epoch, written, wrote) {
      const state = known[partition] as EpochState;
      if (epoch === state.epoch && (wrote ? written > state.written : written >= state.written)) {
        state.written = written;
        return;
      }
      // Fails only with the store away, and while another check runs it is left to that one: the next answer shows it
      // again, because what is known stays beyond it.
      check(partition, true).catch(() => {});
    },
    async checkAll() {
      await Promise.all(known.map((_, partition) => check(partition, false)));
    },
  };
}
