/** Going through a store page by page, so that a move's memory does not grow with what it moves. */
import type { DocumentRecord, RunRecord, TaskRecord, VerdictRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { DocumentList } from '../store/transfer.ts';

const TASKS_A_PAGE = 200;
/** A document may be 1 MiB, and Redis has 500 ms for an answer. */
const DOCUMENTS_A_PAGE = 10;
/** A run's record may be some 10 KB. */
const RUNS_A_PAGE = 200;
const VERDICTS_A_PAGE = 1_000;

export async function* tasksOf(store: Store, partition: number): AsyncGenerator<TaskRecord> {
  for (let after: string | null = null; ; ) {
    const page: TaskRecord[] = await store.scanTasks(partition, after, TASKS_A_PAGE);
    yield* page;
    if (page.length === 0) return;
    after = (page.at(-1) as TaskRecord).id;
  }
}

/** Those who own a task of the partition, each once: their names, nothing else, are kept meanwhile. */
export async function ownersOf(store: Store, partition: number): Promise<string[]> {
  const owners = new Set<string>();
  for await (const { ownerId } of tasksOf(store, partition)) owners.add(ownerId);
  return [...owners];
}

/** Each list once. */
export async function* documentListsOf(store: Store, partition: number): AsyncGenerator<DocumentList> {
  const seen = new Set<string>();
  for (let after: string | null = null; ; ) {
    const { lists, next } = await store.listDocumentLists(partition, after);
    for (const list of lists) {
      const name = JSON.stringify([list.ownerId, list.kind]);
      if (seen.has(name)) continue;
      seen.add(name);
      yield list;
    }
    if (next === null) return;
    after = next;
  }
}

export async function* documentsOf(
  store: Store,
  { ownerId, kind }: DocumentList,
): AsyncGenerator<DocumentRecord[]> {
  for (let after = ''; ; ) {
    const page: DocumentRecord[] = await store.listDocuments(ownerId, kind, {
      limit: DOCUMENTS_A_PAGE,
      ...(after === '' ? null : { after }),
    });
    if (page.length === 0) return;
    yield page;
    after = (page.at(-1) as DocumentRecord).id;
  }
}

/** Newest created first. */
export async function* runsOf(store: Store, taskId: string): AsyncGenerator<RunRecord> {
  for (let before: string | undefined; ; ) {
    const { items, more }: { items: RunRecord[]; more: boolean } = await store.listRuns(
      { taskId },
      { limit: RUNS_A_PAGE, ...(before === undefined ? null : { before }) },
    );
    yield* items;
    if (!more || items.length === 0) return;
    before = (items.at(-1) as RunRecord).id;
  }
}

/** Oldest first. */
export async function* verdictsOf(store: Store, taskId: string): AsyncGenerator<VerdictRecord[]> {
  for (let fromAt = 0; ; ) {
    const page: VerdictRecord[] = await store.listVerdicts(taskId, fromAt, Number.MAX_SAFE_INTEGER, {
      limit: VERDICTS_A_PAGE,
      oldestFirst: true,
    });
    if (page.length === 0) return;
    yield page;
    fromAt = (page.at(-1) as VerdictRecord).toAt;
  }
}

/** In pieces of at most `size`, in order. */
export function* inPieces<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
