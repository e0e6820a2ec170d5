/** The order of a task's run list: pages of ids by cursor, with those that events brought in front. Pure. */

export interface RunList {
  /** Newest first, none twice. */
  ids: string[];
  /** Where the next older page begins; null: nowhere. */
  cursor: string | null;
  /** False until the first page has come, and again when events may have been missed. */
  loaded: boolean;
}

export const NO_RUNS: RunList = { ids: [], cursor: null, loaded: false };

/** The newest page, read again. Older ids stay where it reaches down to them; else they come back by their pages. */
export function withNewestRuns(list: RunList, page: readonly string[], cursor: string | null): RunList {
  const first = page[0];
  const last = page[page.length - 1];
  const newer = first === undefined ? [] : list.ids.slice(0, Math.max(0, list.ids.indexOf(first)));
  const meets = last === undefined ? -1 : list.ids.indexOf(last);
  if (!list.loaded || cursor === null || meets === -1) {
    return { ids: unique([...newer, ...page]), cursor, loaded: true };
  }
  return {
    ids: unique([...newer, ...page, ...list.ids.slice(meets + 1)]),
    cursor: list.cursor,
    loaded: true,
  };
}

/** The next older page. */
export function withOlderRuns(list: RunList, page: readonly string[], cursor: string | null): RunList {
  return { ...list, ids: unique([...list.ids, ...page]), cursor };
}

/** A run heard of for the first time. */
export function withNewRun(list: RunList, id: string): RunList {
  return !list.loaded || list.ids.includes(id) ? list : { ...list, ids: [id, ...list.ids] };
}

const unique = (ids: string[]) => [...new Set(ids)];
