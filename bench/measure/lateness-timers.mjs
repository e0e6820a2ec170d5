/** Child: one-shots by plain `setTimeout` or croner, in process and kept nowhere, `{ kind, rates }`. */
import { Cron } from 'croner';
import { given, report } from '../lib/child.mjs';
import { createTally, planWindows } from '../lib/tally.mjs';

const { kind, rates } = given();
const start = {
  timeout: (at, fn) => setTimeout(fn, at - Date.now()),
  croner: (at, fn) => new Cron(new Date(at), fn),
}[kind];
const windows = planWindows(Date.now() + 2_000, rates);
const tally = createTally(windows);
let key = 0;
for (const at of windows.flatMap(({ instants }) => instants)) {
  const id = key++;
  start(at, () => tally.started(id, at));
}
await tally.complete();
report({ rows: tally.rows() });
