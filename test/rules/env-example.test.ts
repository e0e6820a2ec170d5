import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repoRoot } from './source-files.ts';

// The hosting platform sets it, no person does.
const setByPlatform = ['CBR_ENV_ID'];

test('.env.example names the settings that server/config.ts reads, and no others', () => {
  const names = (file: string, pattern: RegExp) =>
    new Set(
      [...readFileSync(join(repoRoot, file), 'utf8').matchAll(pattern)].map((match) => match[1] as string),
    );
  const read = names('server/config.ts', /\(\s*'([A-Z][A-Z0-9_]+)'/g);
  const described = names('.env.example', /^# ([A-Z][A-Z0-9_]+)=/gm);
  for (const name of setByPlatform) read.delete(name);
  assert.deepEqual([...described].sort(), [...read].sort());
});
