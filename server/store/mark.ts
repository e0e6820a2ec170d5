/**
 * A store that takes part in a move says so, and servers do not start on it: else a slot would fire in both places, or a
 * store that holds one half would be taken for whole.
 */
import { StartError } from './status.ts';

export type StoreMark =
  /** A move reads it; holds until `untilAt` and is prolonged while it goes on. */
  | { kind: 'leaving'; to: string; untilAt: number }
  /** Everything was moved. */
  | { kind: 'moved'; to: string; at: number }
  /** A move writes it, or did not come to its end. */
  | { kind: 'arriving'; from: string; at: number };

/** How a mark is kept, in both stores. */
export const encodeMark = (mark: StoreMark): string => JSON.stringify(mark);

/** Null for none. */
export const decodeMark = (text: string | null | undefined): StoreMark | null =>
  text === null || text === undefined || text === '' ? null : (JSON.parse(text) as StoreMark);

/**
 * @throws StartError of one line, when a server must not start on a store with this mark. `name`: of the store; `address`:
 * what `npm run move` is given for it.
 */
export function refuseMarked(mark: StoreMark | null, now: number, name: string, address: string): void {
  const why = mark === null ? null : whyNot(mark, now, address);
  if (why !== null) throw new StartError(`${name} ${why}`);
}

function whyNot(mark: StoreMark, now: number, address: string): string | null {
  const move = 'npm run move --';
  switch (mark.kind) {
    case 'leaving':
      return mark.untilAt <= now ? null : `is being moved to ${mark.to}: wait for the end of the move`;
    case 'moved':
      return `was moved to ${mark.to} on ${minuteOf(mark.at)}: start there; to run here again, ${move} --undo ${address}`;
    case 'arriving':
      return `holds an unfinished move: repeat ${move} --from ${mark.from} --to ${address}; to give it up, ${move} --undo ${address}`;
  }
}

/** UTC, to the minute. */
export const minuteOf = (at: number): string =>
  `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
