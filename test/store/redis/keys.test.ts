import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { createKeys, KEY_NAMES, type KeyName } from '../../../server/store/redis/keys.ts';

it('keys: Lua and TypeScript have the same names, each another value', () => {
  const text = readFileSync(new URL('../../../server/store/redis/lua/_keys.lua', import.meta.url), 'utf8');
  const inLua = Object.fromEntries(
    [...text.matchAll(/^local ([A-Z_]+) = base \.\. '([^']+)'$/gm)].map(([, name, value]) => [name, value]),
  );
  assert.deepEqual(inLua, { ...KEY_NAMES });
  assert.equal(new Set(Object.values(KEY_NAMES)).size, Object.keys(KEY_NAMES).length);
});

it('keys: all of a partition carry its hash tag', () => {
  const keys = createKeys('zd');
  assert.equal(keys.partition(0), '{zd:00}:p');
  assert.equal(keys.partition(PARTITIONS - 1), '{zd:0f}:p');
  for (const name of Object.keys(KEY_NAMES) as KeyName[]) {
    assert.match(keys.of(15, name, 'x'), /^\{zd:0f\}:[A-Za-z]/);
  }
});
