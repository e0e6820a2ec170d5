/** The keys that sign and verify access tokens. */
import { randomBytes } from 'node:crypto';
import { CAS_TRIES, type Documents } from './documents.ts';

/**
 * The configured secrets, or, when there are none (development), one that is made once and kept in the store: servers
 * that start at the same time agree on the one that was put first.
 */
export async function loadJwtSecrets(configured: string[], documents: Documents): Promise<string[]> {
  if (configured.length > 0) return configured;
  const fresh = randomBytes(32).toString('base64url');
  for (let tries = 0; tries < CAS_TRIES; tries++) {
    const kept = await documents.getDocument('~meta', 'secret', 'jwt');
    if (kept !== null) {
      const { secret } = kept.value as { secret: string };
      return [secret];
    }
    const put = await documents.putDocument('~meta', 'secret', 'jwt', { secret: fresh }, { ifVersion: 0 });
    if (put !== null) return [fresh];
  }
  throw new Error('the key for access tokens could neither be read nor made');
}
