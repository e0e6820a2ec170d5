import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ENDED_STATES, RUN_TRANSITIONS, SKIP_REASONS } from '../../shared/run.ts';
import { repoRoot } from './source-files.ts';

// docs/states.md is for people, shared/run.ts for programs: neither may know a move that the other does not.
const page = readFileSync(join(repoRoot, 'docs', 'states.md'), 'utf8');

/** The part of the page below a heading. */
function section(heading: string): string {
  const part = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  assert.ok(part, `docs/states.md has no section "${heading}"`);
  return part;
}

/** Rows of the table whose first cell is code, as text without backticks. */
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\| `[^\n]*\|$/gm)].map(([line]) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );

const arrows = (): [from: string, to: string][] => {
  const diagram = /```mermaid\nstateDiagram-v2\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  return [...diagram.matchAll(/^ *(\S+) --> (\S+)$/gm)].map(([, from = '', to = '']) => [from, to]);
};

const moves = RUN_TRANSITIONS.map(({ from, to }) => `${from} ${to}`);

test('the table of docs/states.md is the table of shared/run.ts, reasons included, in order', () => {
  assert.deepEqual(
    rows(section('Moves of a run')),
    RUN_TRANSITIONS.map(({ from, to, because }) => [from, to, because]),
  );
});

test('the diagram of docs/states.md draws every move once and no other', () => {
  const inner = arrows().filter(([from, to]) => from !== '[*]' && to !== '[*]');
  assert.deepEqual(inner.map(([from, to]) => `${from} ${to}`).sort(), [...moves].sort());
  assert.equal(new Set(moves).size, moves.length);
});

test('the diagram begins where a run begins and ends where a run ends', () => {
  const drawn = arrows();
  const begins = drawn.filter(([from]) => from === '[*]').map(([, to]) => to);
  const ends = drawn.filter(([, to]) => to === '[*]').map(([from]) => from);
  assert.deepEqual(begins, ['held', 'queued']);
  assert.deepEqual(ends.sort(), [...ENDED_STATES].sort());
  // And nothing leaves an ended state, or is in the middle without a way out.
  const left = new Set<string>(RUN_TRANSITIONS.map(({ from }) => from));
  for (const { to } of RUN_TRANSITIONS) {
    assert.equal(left.has(to), !(ENDED_STATES as readonly string[]).includes(to), to);
  }
});

test('docs/states.md lists the reasons of skipped slots, in order', () => {
  assert.deepEqual(
    rows(section('Verdicts of a slot')).map(([reason]) => reason),
    [...SKIP_REASONS],
  );
});
