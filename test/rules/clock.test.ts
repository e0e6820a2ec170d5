import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SourceFile, sourceFiles, withoutComments } from './source-files.ts';

// One clock, injected everywhere: else a test with a clock of its own tests only half of the code.
const readings =
  /\bDate\.now\b|\bnew Date\b(?!\s*\(\s*[^\s)])|(?<!new )\bDate\(|\bperformance\.now\b|\bhrtime\b/;

function clockReadings(file: SourceFile): string[] {
  return withoutComments(file.text)
    .split('\n')
    .flatMap((line, index) => (readings.test(line) ? [`${file.path}:${index + 1}: ${line.trim()}`] : []));
}

test('only server/lib/clock.ts reads a clock', () => {
  const files = [...sourceFiles('server', ['.ts']), ...sourceFiles('shared', ['.ts'])];
  assert.deepEqual(files.filter((file) => file.path !== 'server/lib/clock.ts').flatMap(clockReadings), []);
});

test('the rule tells reading a clock from making a date', () => {
  const read = (text: string) => clockReadings({ path: 'x.ts', text }).length > 0;
  for (const line of [
    'Date.now()',
    'new Date()',
    'new Date( )',
    'new Date;',
    'Date()',
    'performance.now()',
  ]) {
    assert.ok(read(line), line);
  }
  for (const line of [
    'new Date(at)',
    'new Date(at).getUTCDay()',
    '// Date.now()',
    'isDate(x)',
    'toDate(x)',
  ]) {
    assert.ok(!read(line), line);
  }
});
