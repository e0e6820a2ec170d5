/** Small documents per owner. */
import type { JsonValue } from '../../../shared/task.ts';
import { partitionOfOwner } from '../ids.ts';
import type { DocumentRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { encodeName, type Keys } from './keys.ts';
import type { Link } from './link.ts';

type DocumentSteps = Pick<Store, 'getDocument' | 'putDocument' | 'deleteDocument' | 'listDocuments'>;

const MOST_BYTES = 1_048_576;

export function createDocumentSteps({ link, keys }: { link: Link; keys: Keys }): DocumentSteps {
  return {
    async getDocument(ownerId, kind, id) {
      const place = `${encodeName(kind)}:${encodeName(ownerId)}:${id}`;
      const key = keys.of(partitionOfOwner(ownerId), 'DOC', place);
      const text = await link.command((client) => client.get(key));
      return text === null ? null : decodeDocument(id, text);
    },

    async putDocument(ownerId, kind, id, value, { ifVersion, expiresAt = null }) {
      const json = JSON.stringify(value);
      if (Buffer.byteLength(json) > MOST_BYTES) throw new Error(`document ${kind} ${id} is over 1 MiB`);
      const partition = partitionOfOwner(ownerId);
      const args = [encodeName(ownerId), encodeName(kind), id, ifVersion, expiresAt ?? '-', json];
      const [version] = (await link.step('put-document', partition, args)) as [string | number];
      return Number(version) === 0 ? null : { id, version: Number(version), value, expiresAt };
    },

    async deleteDocument(ownerId, kind, id, ifVersion) {
      const args = [encodeName(ownerId), encodeName(kind), id, ifVersion ?? ''];
      const [deleted] = (await link.step('delete-document', partitionOfOwner(ownerId), args)) as [number];
      return deleted === 1;
    },

    async listDocuments(ownerId, kind, { after, limit }) {
      if (limit < 1) return [];
      const key = keys.partition(partitionOfOwner(ownerId));
      const args = [encodeName(ownerId), encodeName(kind), after ?? '', limit];
      const [, flat] = (await link.read('list-documents', key, args)) as [string, string[]];
      const documents: DocumentRecord[] = [];
      for (let at = 0; at < flat.length; at += 2) {
        documents.push(decodeDocument(flat[at] as string, flat[at + 1] as string));
      }
      return documents;
    },
  };
}

/** `version expiresAt`, newline, JSON. */
function decodeDocument(id: string, text: string): DocumentRecord {
  const end = text.indexOf('\n');
  const [version, expiresAt] = text.slice(0, end).split(' ') as [string, string];
  return {
    id,
    version: Number(version),
    value: JSON.parse(text.slice(end + 1)) as JsonValue,
    expiresAt: expiresAt === '-' ? null : Number(expiresAt),
  };
}
