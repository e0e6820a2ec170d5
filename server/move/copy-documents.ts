/** Takes over the documents of one partition: users, sessions, keys, synced data. */
import type { Stores } from './copy-owner.ts';
import type { Tally } from './tally.ts';
import { documentListsOf, documentsOf } from './walk.ts';

export async function copyDocuments(
  { source, target }: Stores,
  partition: number,
  tally: Tally,
): Promise<void> {
  for await (const list of documentListsOf(source, partition)) {
    for await (const page of documentsOf(source, list)) {
      await Promise.all(page.map((document) => target.importDocument(list.ownerId, list.kind, document)));
      tally.documents += page.length;
    }
  }
}
