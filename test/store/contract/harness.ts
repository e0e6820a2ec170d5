/** What a store's own test file hands to the suite. */

import type { RunLogNews, Wake } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';

/** What a listening server hears. */
export interface Heard {
  /** Partitions, one for each hint. */
  events: number[];
  runLogs: RunLogNews[];
}

/** One empty, started store. */
export interface OpenStore {
  store: Store;
  /** Every wake since the opening, in order; goes on growing after `reopen`. */
  wakes: Wake[];
  /** Listens to these partitions only and waits until that holds: in another server where there can be one. */
  listenTo(partitions: number[]): Promise<Heard>;
  /** Moves the store's clock forward; absent where nobody can (Redis). */
  advance?(ms: number): Promise<void> | void;
  /** Stop, then start on the same data, as a restarted server. The former `store` is used no more. */
  reopen(): Promise<Store>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

export interface StoreHarness {
  name: string;
  /** `time`: an unrenewed lease expires after leaseMs. `boot`: it holds until the store is started again. */
  leasesExpire: 'time' | 'boot';
  /** A new, empty store each time: own folder, own key prefix. Called for every sixteen tests or so. */
  open(): Promise<OpenStore>;
}
