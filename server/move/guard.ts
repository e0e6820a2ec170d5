/** While a move goes on: keeps servers off its source, and notices one that started all the same. */

import { checkNobodyLives, type Labels } from './check-stores.ts';
import type { Stores } from './copy-owner.ts';

const LOOK_EVERY_MS = 5_000;
/** So long after a kill -9 of the move, servers may start on the source again. */
const LEAVING_MS = 30_000;

export interface Guard {
  /** Throws what was found meanwhile. */
  check(): void;
  /** Looks a last time. Idempotent. */
  stop(): Promise<void>;
}

/** `prolongs`: the source carries the mark `leaving` (an embedded store is locked by being open). */
export async function startGuard(stores: Stores, labels: Labels, prolongs: boolean): Promise<Guard> {
  let failure: unknown = null;
  let looking: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    if (prolongs) {
      const untilAt = (await stores.source.time()) + LEAVING_MS;
      await stores.source.writeMark({ kind: 'leaving', to: labels.target, untilAt });
    }
    await checkNobodyLives(stores, labels);
  }

  await look();
  const timer = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => {
      failure ??= error;
    });
  }, LOOK_EVERY_MS);

  const check = () => {
    if (failure !== null) throw failure;
  };
  return {
    check,
    async stop() {
      clearInterval(timer);
      await looking;
      check();
      await checkNobodyLives(stores, labels);
    },
  };
}
