/** What a move has taken over, for its progress and its summary. */
export interface Tally {
  owners: number;
  tasks: number;
  segments: number;
  verdicts: number;
  days: number;
  runs: number;
  logLines: number;
  documents: number;
}

export const emptyTally = (): Tally => ({
  owners: 0,
  tasks: 0,
  segments: 0,
  verdicts: 0,
  days: 0,
  runs: 0,
  logLines: 0,
  documents: 0,
});

const NAMES: [key: keyof Tally, name: string][] = [
  ['owners', 'owners'],
  ['tasks', 'tasks'],
  ['segments', 'segments'],
  ['verdicts', 'verdict records'],
  ['days', 'days of counters'],
  ['runs', 'runs'],
  ['logLines', 'log lines'],
  ['documents', 'documents'],
];

/** One line each: `  tasks              1,234`. */
export function tallyLines(tally: Tally): string[] {
  const numbers = NAMES.map(([key]) => tally[key].toLocaleString('en-US'));
  const width = Math.max(...numbers.map((text) => text.length));
  return NAMES.map(([, name], index) => `  ${name.padEnd(18)} ${(numbers[index] as string).padStart(width)}`);
}
