/** One body per Idempotency-Key, for calls whose ids alone do not tell one body from another. */
import { createHash } from 'node:crypto';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { canonical } from './definition.ts';

/** How long a body is held against its key. */
const REMEMBERED_MS = 7 * 86_400_000;

export const keyReused = () =>
  new AppError('IDEMPOTENCY_KEY_REUSED', {
    zh: '这个 Idempotency-Key 已用于另一个请求',
    en: 'this Idempotency-Key was used for another request',
  });

/** Rejects with IDEMPOTENCY_KEY_REUSED when the user sent another body under this key. Only hashes are kept. */
export async function claimKey(
  store: Store,
  userId: string,
  route: string,
  key: string | undefined,
  body: unknown,
): Promise<void> {
  if (key === undefined) return;
  const id = sha256(`${route}\0${key}`);
  const value = { body: sha256(canonical(body)) };
  const expiresAt = (await store.time()) + REMEMBERED_MS;
  if ((await store.putDocument(userId, 'key', id, value, { ifVersion: 0, expiresAt })) !== null) return;
  const kept = await store.getDocument(userId, 'key', id);
  // None: it expired between the two calls.
  if (kept !== null && (kept.value as typeof value).body !== value.body) throw keyReused();
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');
