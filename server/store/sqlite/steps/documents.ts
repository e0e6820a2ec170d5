/** Owners' small documents. */
import type { DocumentRecord } from '../../records.ts';
import { refuse } from '../refused.ts';
import type { State } from '../state.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_ID = 100;

/** As it crosses to the main thread: the value as JSON text. */
export type WireDocument = Omit<DocumentRecord, 'value'> & { value: string };

const SELECT = 'SELECT id, version, value, expires_at FROM document WHERE owner_id = ? AND kind = ?';

export function getDocument(
  s: State,
  now: number,
  ownerId: string,
  kind: string,
  id: string,
): WireDocument | null {
  const row = s.db.prepare(`${SELECT} AND id = ?`).get(ownerId, kind, id);
  if (row === undefined) return null;
  const document = wireDocument(row);
  return document.expiresAt !== null && document.expiresAt <= now ? null : document;
}

export function putDocument(
  s: State,
  now: number,
  ownerId: string,
  kind: string,
  id: string,
  value: string,
  options: { ifVersion: number; expiresAt?: number | null },
): WireDocument | null {
  if (id.length > MAX_ID) refuse('a document id is longer than 100 characters');
  if (Buffer.byteLength(value) > MAX_BYTES) refuse('a document is larger than 1 MiB');
  const present = getDocument(s, now, ownerId, kind, id);
  if ((present?.version ?? 0) !== options.ifVersion) return null;
  const version = options.ifVersion + 1;
  const expiresAt = options.expiresAt ?? null;
  s.db
    .prepare(
      `INSERT INTO document (owner_id, kind, id, version, value, expires_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET version = excluded.version, value = excluded.value, expires_at = excluded.expires_at`,
    )
    .run(ownerId, kind, id, version, value, expiresAt);
  return { id, version, value, expiresAt };
}

export function deleteDocument(
  s: State,
  now: number,
  ownerId: string,
  kind: string,
  id: string,
  ifVersion?: number,
): boolean {
  const present = getDocument(s, now, ownerId, kind, id);
  if (present === null || (ifVersion !== undefined && present.version !== ifVersion)) return false;
  s.db.prepare('DELETE FROM document WHERE owner_id = ? AND kind = ? AND id = ?').run(ownerId, kind, id);
  return true;
}

export function listDocuments(
  s: State,
  now: number,
  ownerId: string,
  kind: string,
  options: { after?: string; limit: number },
): WireDocument[] {
  return s.db
    .prepare(`${SELECT} AND id > ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY id LIMIT ?`)
    .all(ownerId, kind, options.after ?? '', now, options.limit)
    .map(wireDocument);
}

function wireDocument(row: Record<string, unknown>): WireDocument {
  return {
    id: row.id as string,
    version: row.version as number,
    value: row.value as string,
    expiresAt: row.expires_at as number | null,
  };
}
