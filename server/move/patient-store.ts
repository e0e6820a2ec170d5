/**
 * A store whose operations are repeated while it is unavailable: a slow disk or a failover of some seconds must not cost a
 * move of an hour. Only for operations that may be repeated: reading, and those of transfer.ts.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../lib/clock.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { Store } from '../store/store.ts';

/** A Redis failover takes some 15 s. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 250;

export function patientStore(store: Store, patienceMs = PATIENCE_MS): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (typeof member !== 'function' || name === 'start' || name === 'stop') return member;
      const operation = member as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const giveUpAt = monotonicMs() + patienceMs;
        for (;;) {
          try {
            return await operation.apply(target, args);
          } catch (error) {
            if (!(error instanceof StoreUnavailableError) || monotonicMs() > giveUpAt) throw error;
            await delay(PAUSE_MS);
          }
        }
      };
    },
  });
}
