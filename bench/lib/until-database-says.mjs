/** Asks PostgreSQL every 2 ms until `query` answers a true `done`; rejects after 30 s. */
import { setTimeout as wait } from 'node:timers/promises';

export async function untilDatabaseSays(database, query) {
  const giveUpAt = performance.now() + 30_000;
  while (performance.now() < giveUpAt) {
    const { rows } = await database.query(query);
    if (rows[0].done) return;
    await wait(2);
  }
  throw new Error(`PostgreSQL never said so: ${query}`);
}
