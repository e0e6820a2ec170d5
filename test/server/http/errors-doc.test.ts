import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODES, RUN_ERROR_CODES, SOCKET_ERROR_CODES } from '../../../shared/errors.ts';

import { repoRoot } from '../../rules/source-files.ts';

const text = readFileSync(join(repoRoot, 'docs', 'errors.md'), 'utf8');
const rows = (heading: string) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| `([A-Z_]+)` *\|([^|]*)\|/gm)].map(([, code, second]) => [
    code,
    second?.trim(),
  ]);
};

test('docs/errors.md lists the codes of answers with their status, both ways and in order', () => {
  assert.deepEqual(
    rows('Answers'),
    Object.entries(ERROR_CODES).map(([code, status]) => [code, String(status)]),
  );
});

test('docs/errors.md lists the codes of runs with their meaning, both ways and in order', () => {
  assert.deepEqual(rows('Runs'), Object.entries(RUN_ERROR_CODES));
});

test('docs/errors.md lists the codes of error frames with their meaning, both ways and in order', () => {
  assert.deepEqual(rows('Sockets'), Object.entries(SOCKET_ERROR_CODES));
});
