/** The words behind `npm run move --`. Pure. */
import { parseArgs } from 'node:util';
import { refuseMove } from './refusal.ts';

export type MoveCommand =
  | { do: 'move'; from: string; to: string }
  | { do: 'undo'; place: string }
  | { do: 'help' };

export const USAGE = `npm run move -- --from <place> --to <place>     moves everything; no server may run meanwhile
npm run move -- --undo <place>                  lets servers start on a place again that a move has marked
A place is file:<folder>, redis://…, rediss://…, redis+sentinel://…, redis+cluster://…, or REDIS_URL for the address in
that variable (or in .env): npm shows its command line, and a password in it.`;

/** @throws MoveRefusal that repeats nothing of what was given: it may hold a password. */
export function parseArguments(words: string[]): MoveCommand {
  const { from, to, undo, help } = read(words);
  if (help === true) return { do: 'help' };
  if (undo !== undefined) {
    if (from !== undefined || to !== undefined) refuseMove('--undo stands alone');
    return { do: 'undo', place: undo };
  }
  if (from === undefined || to === undefined) refuseMove('--from and --to are both needed; --help says more');
  return { do: 'move', from, to };
}

function read(words: string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: words,
      options: { from: text, to: text, undo: text, help: { type: 'boolean' } },
    }).values;
  } catch {
    return refuseMove('the words were not understood: --from <place> --to <place>; --help says more');
  }
}
