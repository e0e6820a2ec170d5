/** `npm run move`: a process of its own, like main.ts. Exit codes: 0 done, 1 not done, and one line says why. */
import { readRedisUrl } from './config.ts';
import { hostClock } from './lib/clock.ts';
import { type Moved, moveStores } from './move/move-stores.ts';
import { parseArguments, USAGE } from './move/parse-arguments.ts';
import { MoveRefusal, refuseMove } from './move/refusal.ts';
import { tallyLines } from './move/tally.ts';
import { undoMove } from './move/undo-move.ts';
import { minuteOf } from './store/mark.ts';
import { storePlace } from './store/open-store.ts';
import { StartError, StoreUnavailableError } from './store/status.ts';

/** Differences told one by one; the rest are counted. */
const MOST_NAMED = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** `REDIS_URL` stands for what the environment says. */
function addressOf(word: string): string {
  if (word !== 'REDIS_URL') return word;
  return readRedisUrl() ?? refuseMove('REDIS_URL is not set');
}

async function main(): Promise<number> {
  const command = parseArguments(process.argv.slice(2));
  if (command.do === 'help') {
    say(USAGE);
    return 0;
  }
  if (command.do === 'undo') {
    say(await undoMove(storePlace(addressOf(command.place), { mustExist: true })));
    return 0;
  }
  const source = storePlace(addressOf(command.from), { mustExist: true });
  const target = storePlace(addressOf(command.to), { mustExist: false });
  if (source.label === target.label) refuseMove(`${source.label} is both source and target`);
  say(`moving ${source.label} to ${target.label}`);
  return report(await moveStores({ source, target }, say), source.label, target.label);
}

function report({ tally, differences, notes }: Moved, source: string, target: string): number {
  for (const line of tallyLines(tally)) say(line);
  for (const note of notes) say(`note: ${note}`);
  if (differences.length === 0) {
    say(`moved and compared on ${minuteOf(hostClock.now())}: start servers on ${target} now`);
    say(`${source} is as it was, and marked: no server starts there; delete it when you no longer want it`);
    return 0;
  }
  for (const line of differences.slice(0, MOST_NAMED)) process.stderr.write(`zhundian: ${line}\n`);
  const more = differences.length - MOST_NAMED;
  if (more > 0) process.stderr.write(`zhundian: and ${more} more\n`);
  process.stderr.write(
    `zhundian: ${target} is not the same: nothing is marked as moved, ${source} may be used on\n`,
  );
  return 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isKnown =
      error instanceof MoveRefusal || error instanceof StartError || error instanceof StoreUnavailableError;
    const line = isKnown ? error.message : ((error as Error)?.stack ?? String(error));
    process.stderr.write(`zhundian: ${line}\n`);
    if (!(error instanceof MoveRefusal))
      process.stderr.write('zhundian: not moved; the same command may be given again\n');
    process.exit(1);
  },
);
