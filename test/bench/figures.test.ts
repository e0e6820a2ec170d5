import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tempDir } from '../helpers/temp-dir.ts';
import { repoRoot } from '../rules/source-files.ts';

type Run = Record<string, unknown>;
interface Spread {
  median: number;
  least: number;
  most: number;
  n: number;
  noisy: boolean;
}
type Row = { kind: string; case?: string };
type Part = { atLeast?: number; atMost?: number; value(result: { runs: Run[] }): Spread | null };
interface Goal {
  scenario: string;
  what: string;
  redis: Part;
  embedded?: Part;
}

const load = (name: string) => import(pathToFileURL(join(repoRoot, 'bench', 'lib', name)).href);
const results = (await load('results.mjs')) as {
  spread(runs: Run[], figure: string): Spread | null;
  ratio(result: { runs: Run[] }, figure: string, over: Row, under: Row): Spread | null;
  rowsOf(result: { runs: Run[] }): { kind: string; case: string; runs: Run[] }[];
  keepResult(folder: string, result: object): void;
  readResult(folder: string, scenario: string): unknown;
};
const { goals } = (await load('goals.mjs')) as { goals: Goal[] };
const { fill, table } = (await load('markdown.mjs')) as {
  fill(page: string, name: string, content: string): string;
  table(rows: string[][]): string;
};
const { createTally, planWindows } = (await load('tally.mjs')) as {
  planWindows(
    fromAt: number,
    rates: object[],
    options?: object,
  ): { case: string | null; instants: number[] }[];
  createTally(windows: object[]): {
    started(key: string, plannedAt: number, startedAt: number): void;
    complete(graceMs?: number): Promise<void>;
    rows(): Run[];
  };
};

const run = (round: number, kind: string, perSecond: number, noisy = false): Run => ({
  round,
  kind,
  case: null,
  noisy,
  perSecond,
});

test('a median is of the clean runs, and of all of them only where none is clean, which it says', () => {
  const runs = [run(1, 'redis', 10), run(2, 'redis', 30), run(3, 'redis', 900, true)];
  assert.deepEqual(results.spread(runs, 'perSecond'), {
    median: 20,
    least: 10,
    most: 30,
    n: 2,
    noisy: false,
  });
  assert.deepEqual(results.spread(runs.slice(2), 'perSecond')?.noisy, true);
  assert.equal(results.spread(runs, 'p99'), null);
});

test('a ratio is taken within a round, and a noisy side takes its round out', () => {
  // Twice as fast in every round, on a machine that slows down from round to round.
  const runs = [
    run(1, 'redis', 40),
    run(1, 'bullmq', 20),
    run(2, 'redis', 20),
    run(2, 'bullmq', 10),
    run(3, 'redis', 99),
    run(3, 'bullmq', 1, true),
  ];
  const ratio = results.ratio({ runs }, 'perSecond', { kind: 'redis' }, { kind: 'bullmq' });
  assert.deepEqual(ratio, { median: 2, least: 2, most: 2, n: 2, noisy: false });
  assert.equal(results.ratio({ runs }, 'perSecond', { kind: 'redis' }, { kind: 'pgboss' }), null);
});

test('a result is read as it was kept, and rows of one case stand together', (t) => {
  const folder = tempDir(t);
  const runs = ['500/s', '100/s'].flatMap((name) =>
    ['redis', 'bullmq'].map((kind) => ({ ...run(1, kind, 1), case: name })),
  );
  const result = { scenario: 'lateness', notes: [], runs };
  results.keepResult(folder, result);
  assert.deepEqual(results.readResult(folder, 'lateness'), result);
  assert.equal(results.readResult(folder, 'burst'), null);
  const interleaved = { runs: [runs[0], runs[2], runs[1], runs[3]] as Run[] };
  assert.deepEqual(
    results.rowsOf(interleaved).map((row) => `${row.case} ${row.kind}`),
    ['500/s redis', '500/s bullmq', '100/s redis', '100/s bullmq'],
  );
});

test('one broken promise is seen whatever the median, also in a noisy run', () => {
  const goal = goals.find(({ what }) => what === 'one-shots that started early, twice or never') as Goal;
  const kept = { kind: 'redis', noisy: false, early: 0, twice: 0, missed: 0 };
  const runs = [kept, kept, { ...kept, noisy: true, missed: 1 }];
  assert.equal(goal.redis.value({ runs })?.median, 1);
  assert.equal(goal.embedded?.value({ runs }), null);
});

test('the tally tells late, early, twice and never apart, and counts no start of the warm-up', async () => {
  const windows = planWindows(10_000, [{ perSecond: 4, seconds: 1 }], {
    warmUp: { perSecond: 2, seconds: 1 },
  });
  assert.deepEqual(
    windows.map((window) => [window.case, window.instants]),
    [
      [null, [10_000, 10_500]],
      ['4/s', [11_500, 11_750, 12_000, 12_250]],
    ],
  );
  const tally = createTally(windows);
  tally.started('warm', 10_000, 10_900);
  tally.started('a', 11_500, 11_503);
  tally.started('b', 11_750, 11_748);
  tally.started('b', 11_750, 11_760);
  tally.started('c', 12_000, 12_001);
  await tally.complete(0); // the last one never comes, and its time is long past
  const [row] = tally.rows();
  assert.deepEqual(row, {
    case: '4/s',
    p50: 1,
    p99: 3,
    p999: 3,
    max: 3,
    n: 3,
    missed: 1,
    early: 1,
    twice: 1,
  });
});

test('a place of the page is filled again and again, the rest stays; a place that is not there is said', () => {
  const page = 'a\n<!-- bench:x -->\n\nold\n\n<!-- /bench:x -->\nb';
  const filled = fill(
    page,
    'x',
    table([
      ['who', 'n'],
      ['准点', '1'],
    ]),
  );
  assert.equal(
    filled,
    'a\n<!-- bench:x -->\n\n| who  | n   |\n| ---- | --- |\n| 准点 | 1   |\n\n<!-- /bench:x -->\nb',
  );
  assert.equal(fill(filled, 'x', 'old'), page);
  assert.throws(() => fill(page, 'y', ''), /bench:y/);
});
