/**
 * Results as they are kept (bench/results/<scenario>.json), and what is read out of them. Medians and ratios are of clean
 * runs; where a row has none they are of all, and say so.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from './numbers.mjs';

/** `{ scenario, at, machine, size, notes, runs: [{ round, kind, case, outsideCores, noisy, …figures }] }` */
export function keepResult(folder, result) {
  mkdirSync(folder, { recursive: true });
  // A line a run: what changed is then seen in the history.
  const { runs, ...about } = result;
  const head = JSON.stringify(about, null, 2).slice(0, -2);
  const lines = runs.map((run) => `    ${JSON.stringify(run)}`).join(',\n');
  writeFileSync(join(folder, `${result.scenario}.json`), `${head},\n  "runs": [\n${lines}\n  ]\n}\n`);
}

/** Null: not measured yet. */
export function readResult(folder, scenario) {
  const file = join(folder, `${scenario}.json`);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** The rows of a result, `{ kind, case, runs }`: cases together, kinds in the order measured. */
export function rowsOf({ runs }) {
  const rows = new Map();
  for (const run of runs) {
    const key = `${run.case}\n${run.kind}`;
    if (!rows.has(key)) rows.set(key, { kind: run.kind, case: run.case, runs: [] });
    rows.get(key).runs.push(run);
  }
  const cases = [...new Set(runs.map((run) => run.case))];
  return [...rows.values()].sort((a, b) => cases.indexOf(a.case) - cases.indexOf(b.case));
}

/** Median, least and most of a figure; `noisy`: no run was clean. Null when no run has it. */
export function spread(runs, figure) {
  const having = runs.filter((run) => typeof run[figure] === 'number');
  const clean = having.filter(({ noisy }) => !noisy);
  const values = (clean.length > 0 ? clean : having).map((run) => run[figure]);
  return values.length === 0 ? null : { ...spreadOf(values), noisy: clean.length === 0 };
}

/** Figure of one row by that of another in the same round. Rows are `{ kind, case }`; null when no round has both. */
export function ratio(result, figure, over, under) {
  const pick = ({ kind, case: name }) =>
    result.runs.filter((run) => run.kind === kind && (name === undefined || run.case === name));
  const pairs = pick(over).flatMap((a) => pick(under).flatMap((b) => (a.round === b.round ? [[a, b]] : [])));
  const having = pairs.filter(([a, b]) => typeof a[figure] === 'number' && b[figure] > 0);
  const clean = having.filter(([a, b]) => !a.noisy && !b.noisy);
  const values = (clean.length > 0 ? clean : having).map(([a, b]) => a[figure] / b[figure]);
  return values.length === 0 ? null : { ...spreadOf(values), noisy: clean.length === 0 };
}

const spreadOf = (values) => ({
  median: median(values),
  least: Math.min(...values),
  most: Math.max(...values),
  n: values.length,
});
