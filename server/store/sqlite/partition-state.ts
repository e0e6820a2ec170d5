/** What the thread keeps in memory for one partition. */
import { ReadyQueue } from './ready-queue.ts';
import { RetryHeap } from './retry-heap.ts';

/** What is ready, waiting or lost in one partition. */
export interface PartitionState {
  ready: ReadyQueue;
  /** Something became ready in this batch. */
  pushed: boolean;
  retries: RetryHeap;
  /** Runs whose claim was made by an earlier boot. */
  lost: string[];
}

export const emptyPartition = (): PartitionState => ({
  ready: new ReadyQueue(),
  pushed: false,
  retries: new RetryHeap(),
  lost: [],
});
