/** A store without an engine: to make tasks, to look at what became of them. */
import { openStore } from '../../dist/server/store/open-store.js';

/** Started; hears no news. `redisUrl` null: embedded, in `dataDir`. */
export async function startStore({ redisUrl, dataDir = '' }) {
  const store = openStore({ redisUrl, dataDir });
  await store.start({ onWake() {}, onRollback() {}, onHealth() {} });
  return store;
}
