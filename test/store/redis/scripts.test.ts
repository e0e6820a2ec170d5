import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { it } from 'node:test';
import { assemble, checkHeader, loadScripts, SCRIPT_NAMES } from '../../../server/store/redis/scripts.ts';

const folder = new URL('../../../server/store/redis/lua/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.lua'));

it('scripts: one file per name, and each header is true', () => {
  const steps = files.filter((name) => !name.startsWith('_')).map((name) => name.slice(0, -'.lua'.length));
  assert.deepEqual(steps.sort(), [...SCRIPT_NAMES]);
  for (const name of steps) {
    const text = readFileSync(new URL(`${name}.lua`, folder), 'utf8');
    assert.equal(checkHeader(text), null, name);
    const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    assert.ok(text.startsWith(`-- ${camel}: `), `${name}.lua begins with the method's name`);
  }
});

it('scripts: errors are not hidden, no name of a field or limit is left over, comments are out', () => {
  for (const [name, { source }] of Object.entries(loadScripts())) {
    // An inspection says what it could not read, and writes nothing.
    if (name !== 'inspect-tasks') assert.doesNotMatch(source, /pcall/, name);
    assert.doesNotMatch(source, /\b[TRL]_[A-Z]|_KEPT|_ERROR\b/, name);
    assert.doesNotMatch(source, /^\s*--/m, name);
  }
});

it('scripts: a header that is not true is refused', () => {
  const good = '-- f: it\n-- KEYS: partition\n-- ARGV: a b (c d)*\n-- Answers: x\n-- Events: none\n';
  const body = 'local a, b = ARGV[1], tonumber(ARGV[2])\nfor i = 3, #ARGV, 2 do end\n';
  assert.equal(checkHeader(good + body), null);
  assert.match(checkHeader(body) ?? '', /has no line "-- KEYS:"/);
  assert.match(checkHeader(good.replace('-- Events: none\n', '') + body) ?? '', /Events/);
  assert.match(checkHeader(good.replace('partition', 'a b') + body) ?? '', /other than one key/);
  assert.match(checkHeader(good.replace('a b', 'a') + body) ?? '', /reads more of ARGV/);
  assert.match(checkHeader(good.replace('a b', 'a b e') + body) ?? '', /does not read ARGV\[3\]/);
  assert.match(checkHeader(good.replace('a b', 'b a') + body) ?? '', /reads ARGV\[1\] into a/);
  assert.match(checkHeader(good.replace('(c d)*', '') + body) ?? '', /repeats ARGV otherwise/);
});

it('scripts: parts are put in once, fields are counted per prefix', () => {
  const parts: Record<string, string> = {
    a: '-- @include b\nlocal a = 1\n-- @fields T_ X Y\n',
    b: 'local b = 1\n-- @fields T_ Z\n',
  };
  const { source } = assemble(
    '-- @include b\n-- @include a\n-- @fields R_ X\nreturn T_X + R_X + T_Z',
    (name) => parts[name] ?? '',
  );
  assert.equal(source.trim(), 'local b = 1\nlocal a = 1\nreturn 2 + 1 + 1');
  assert.match(assemble('-- @oom allow\nreturn 1', () => '').source, /^#!lua flags=allow-oom\n/);
});
