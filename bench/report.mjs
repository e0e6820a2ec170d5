/**
 * Makes docs and pictures from the kept results: `node report.mjs [--results results] [--docs ../docs]`. Fills the marked
 * places of performance.md and writes images/bench-*.svg. What was not measured is said, and its picture left alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { charts } from './lib/charts.mjs';
import { goals } from './lib/goals.mjs';
import { machineLine } from './lib/machine.mjs';
import { fill, table } from './lib/markdown.mjs';
import { readResult, rowsOf, spread } from './lib/results.mjs';
import { KIND_NAMES, scenarios } from './lib/scenarios.mjs';

const here = new URL('.', import.meta.url).pathname;
const { values } = parseArgs({
  options: { results: { type: 'string', default: 'results' }, docs: { type: 'string', default: '../docs' } },
});
const results = new Map(scenarios.map(({ name }) => [name, readResult(resolve(here, values.results), name)]));
const docs = resolve(here, values.docs);

const file = join(docs, 'performance.md');
let page = fill(readFileSync(file, 'utf8'), 'goals', goalsTable());
for (const scenario of scenarios) page = fill(page, scenario.name, section(scenario));
writeFileSync(file, page);
for (const { scenario, draw } of charts) {
  const result = results.get(scenario);
  if (result !== null) writeFileSync(join(docs, 'images', `bench-${scenario}.svg`), draw(result));
}

function goalsTable() {
  const cell = (goal, part) => {
    const result = results.get(goal.scenario);
    if (part === undefined) return '–';
    const value = result === null ? null : part.value(result);
    if (value === null) return 'not measured yet';
    const kept = part.atLeast === undefined ? value.median <= part.atMost : value.median >= part.atLeast;
    const text = number(value, goal.unit, goal.digits);
    return `${kept ? '' : '**missed**: '}${text}${value.noisy ? ' †' : ''}`;
  };
  const bound = ({ redis, embedded, unit }) => {
    const sign = redis.atLeast === undefined ? '≤' : '≥';
    const words = (part) => `${sign} ${part.atLeast ?? part.atMost}${unit === '' ? '' : ` ${unit}`}`;
    if (embedded === undefined || words(embedded) === words(redis)) return words(redis).replace('≤ 0', '0');
    return `${words(redis)}, embedded ${words(embedded)}`;
  };
  const rows = goals.map((goal) => [
    goal.what,
    bound(goal),
    cell(goal, goal.redis),
    cell(goal, goal.embedded),
  ]);
  return table([['what', 'goal', 'Redis', 'embedded'], ...rows]);
}

/** Picture, table, machine and notes of one scenario. */
function section({ name, title, columns }) {
  const result = results.get(name);
  if (result === null) return 'Not measured yet.';
  const all = rowsOf(result);
  const withCase = all.some((row) => row.case !== null);
  const head = [...(withCase ? [''] : []), 'who', ...Object.values(columns), 'clean runs'];
  const body = all.map(({ kind, case: part, runs }) => [
    ...(withCase ? [part.replace(/\d{4,}/, (digits) => Number(digits).toLocaleString('en'))] : []),
    KIND_NAMES[kind],
    ...Object.keys(columns).map((figure) => {
      const value = spread(runs, figure);
      return value === null ? '–' : number(value, '');
    }),
    `${runs.filter(({ noisy }) => !noisy).length} of ${runs.length}`,
  ]);
  const picture = charts.some((chart) => chart.scenario === name)
    ? [`![${title}](images/bench-${name}.svg)`]
    : [];
  return [...picture, table([head, ...body]), `${machineLine(result)}.`, ...result.notes].join('\n\n');
}

/** Median, and the range where there is one. */
function number({ median, least, most }, unit, digits) {
  // Three below 1: a bound of 0.75 is not kept by 0.749.
  const places = digits ?? (median >= 100 ? 0 : median < 1 ? 3 : 2);
  const text = (n) => n.toLocaleString('en', { maximumFractionDigits: places });
  const range = least === most ? '' : ` (${text(least)}–${text(most)})`;
  return `${text(median)}${unit === '' ? '' : ` ${unit}`}${range}`;
}
