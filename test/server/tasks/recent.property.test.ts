/** The merge of runs and skipped records: in order, nothing lost among the newest, nothing twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { slotRunId } from '../../../server/store/ids.ts';
import type { RunRecord, VerdictRecord } from '../../../server/store/records.ts';
import { leftOutRuns, recentSlots } from '../../../server/tasks/recent.ts';
import { sampleRecord, TASK } from './support/run-record.ts';

const SEED = 20261123;

interface History {
  runs: RunRecord[];
  verdicts: VerdictRecord[];
}

/** Slots a minute apart, each fired or skipped (a range now and then), and runs that people asked for in between. */
const histories: fc.Arbitrary<History> = fc
  .tuple(
    fc.array(fc.constantFrom('fired', 'caught_up', 'skipped' as const), { maxLength: 45, size: 'max' }),
    fc.array(fc.tuple(fc.nat(45), fc.nat(3), fc.nat(45)), { maxLength: 15, size: 'max' }),
  )
  .map(([slots, asked]) => {
    const verdicts = slots.map((verdict, n): VerdictRecord => {
      const plannedAt = n * 60_000;
      const count = verdict === 'skipped' ? 1 + (n % 3) : 1;
      const reason = verdict === 'skipped' ? 'overlap' : null;
      return { plannedAt, toAt: plannedAt + count, count, verdict, reason };
    });
    const runs = verdicts.flatMap(({ plannedAt, verdict }) =>
      verdict === 'skipped'
        ? []
        : [sampleRecord({ id: slotRunId(TASK, plannedAt), plannedAt, createdAt: plannedAt, verdict })],
    );
    for (const [n, more, createdAt] of asked)
      runs.push(
        sampleRecord({
          id: `${TASK}:backfill:${runs.length}`,
          trigger: 'backfill',
          line: 'late',
          plannedAt: n * 60_000,
          createdAt: 3_000_000 + createdAt * 60_000 + more,
          verdict: null,
        }),
      );
    return { runs, verdicts };
  });

const newestFirst = <T extends { plannedAt: number }>(items: readonly T[]) =>
  [...items].sort((a, b) => b.plannedAt - a.plannedAt);

test('newest first, ties by creation; the newest n of all there are, each once, from inputs in any order', () => {
  const seen = { cut: 0, ties: 0 };
  fc.assert(
    fc.property(
      histories,
      fc.integer({ min: 1, max: 30 }),
      fc.infiniteStream(fc.nat(1_000)),
      (history, most, noise) => {
        const { verdicts } = history;
        const shuffle = <T>(items: readonly T[]) =>
          items
            .map((item) => ({ item, at: noise.next().value as number }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);
        const runs = shuffle([...history.runs, ...history.runs.slice(0, 3)]);
        const bars = recentSlots(runs, shuffle(verdicts), most);

        const createdAt = new Map(history.runs.map((run) => [run.id, run.createdAt]));
        const age = ({ runId }: { runId: string | null }) =>
          runId === null ? Number.NEGATIVE_INFINITY : (createdAt.get(runId) as number);
        for (const [n, bar] of bars.entries()) {
          const next = bars[n + 1];
          if (next === undefined) break;
          assert.ok(bar.plannedAt >= next.plannedAt);
          if (bar.plannedAt !== next.plannedAt) continue;
          seen.ties += 1;
          assert.ok(age(bar) >= age(next));
        }
        const all = [...history.runs, ...verdicts.filter(({ verdict }) => verdict === 'skipped')];
        if (all.length > most) seen.cut += 1;
        assert.deepEqual(
          bars.map(({ plannedAt }) => plannedAt),
          newestFirst(all)
            .slice(0, most)
            .map(({ plannedAt }) => plannedAt),
        );
        const keys = bars.map(({ runId, plannedAt }) => runId ?? `skipped ${plannedAt}`);
        assert.equal(new Set(keys).size, keys.length);
      },
    ),
    { numRuns: 500, seed: SEED },
  );
  assert.ok(seen.cut > 50 && seen.ties > 50, JSON.stringify(seen));
});

test('a page of runs by creation and what it left out give what all runs would', () => {
  let left = 0;
  fc.assert(
    fc.property(histories, fc.integer({ min: 1, max: 30 }), ({ runs, verdicts }, most) => {
      const page = [...runs].sort((a, b) => b.createdAt - a.createdAt).slice(0, most);
      const records = newestFirst(verdicts).slice(0, most);
      const missing = new Set(leftOutRuns(TASK, recentSlots(page, records, most), records));
      left += missing.size;
      const found = runs.filter(({ id }) => missing.has(id));
      assert.equal(found.length, missing.size);
      const bars = recentSlots([...page, ...found], records, most);
      // Asked-for runs that the page left out are older than all of it; every slot is there.
      const known = runs.filter((run) => run.trigger === 'slot' || page.includes(run));
      assert.deepEqual(bars, recentSlots(known, verdicts, most));
    }),
    { numRuns: 500, seed: SEED },
  );
  assert.ok(left > 100, String(left));
});
