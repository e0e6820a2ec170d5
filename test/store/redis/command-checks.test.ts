import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { COMMANDS_NEEDED } from '../../../server/store/redis/command-checks.ts';
import { clockSkewMs } from '../../../server/store/redis/start-checks.ts';

it('the start asks for every command that a script calls', () => {
  const folder = new URL('../../../server/store/redis/lua/', import.meta.url);
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.lua'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8').replace(/^\s*--.*$/gm, ''))
    .join('\n');
  const called = [...text.matchAll(/(?:[cC]all|callMany)\(\s*'([A-Z]+)'|\{ '([A-Z]{2,})', /g)].map(
    ([, a, b]) => a ?? b,
  );
  assert.ok(called.length > 50);
  const asked: string[] = COMMANDS_NEEDED.map(([command]) => command);
  // EXISTS stands in front of the scripts of a cluster (scripts.ts).
  assert.deepEqual([...new Set([...called, 'EXISTS'])].sort(), asked.sort());
});

it('clocks of masters: only what is beyond the time of the asking counts as apart', () => {
  const at = (clockMs: number, clockErrorMs: number) => ({ clockMs, clockErrorMs });
  assert.equal(clockSkewMs([at(5_000, 3)]), 0);
  assert.equal(clockSkewMs([at(0, 10), at(15, 10)]), 0);
  assert.equal(clockSkewMs([at(0, 10), at(2_000, 20), at(500, 1)]), 1_970);
});
