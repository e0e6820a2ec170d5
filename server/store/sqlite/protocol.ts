/** What crosses between the main thread and the store's thread. */
import type { StoreInfo, Wake } from '../requests.ts';
import type { OperationName } from './operations.ts';

/** What the thread is started with. */
export interface ThreadStart {
  dir: string;
  /** Starts although a mark keeps servers off. */
  forMove: boolean;
}

export type Request =
  | {
      kind: 'batch';
      id: number;
      /** The store's time; null: the thread reads the host's clock itself. */
      now: number | null;
      operations: [name: OperationName, args: unknown[]][];
    }
  | { kind: 'stop' };

export type Answer =
  | { value: unknown }
  /** `unavailable`: the disk failed, nothing was written. `refused`: the operation would break the data. */
  | { error: 'unavailable' | 'refused' | 'unexpected'; message: string };

export type Reply =
  | { kind: 'started'; info: StoreInfo }
  | { kind: 'start_refused'; message: string }
  /** `grown`: partitions with new events. `commitMs`: how long the commit took, sync included. */
  | { kind: 'answers'; id: number; answers: Answer[]; wakes: Wake[]; grown: number[]; commitMs: number }
  /** The file can be written again, or no longer. */
  | { kind: 'health'; up: boolean }
  | { kind: 'stopped' };
