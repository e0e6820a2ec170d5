import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repoRoot } from './source-files.ts';

interface Entry {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

for (const folder of ['.', 'bench', 'miniprogram-check']) {
  const text = readFileSync(join(repoRoot, folder, 'package-lock.json'), 'utf8');

  test(`the lock file of ${folder} has an entry for every dependency, those of other platforms included`, () => {
    // npm leaves out what its registry did not serve, and `npm ci` then refuses the whole file.
    const { packages } = JSON.parse(text) as { packages: Record<string, Entry> };
    const missing = Object.entries(packages).flatMap(([where, entry]) =>
      Object.keys({ ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies })
        .filter((name) => !lookupPaths(where, name).some((path) => path in packages))
        .map((name) => `${where || 'the project'} needs ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  test(`the lock file and .npmrc of ${folder} tie nobody to a registry`, () => {
    assert.ok(!/"resolved"\s*:/.test(text), 'the lock file has "resolved": see .npmrc');
    assert.deepEqual(
      text.match(/https?:\/\/[^"]*(registry|npmmirror|\.tgz|localhost|127\.0\.0\.1)[^"]*/g) ?? [],
      [],
    );
    const npmrc = readFileSync(join(repoRoot, folder, '.npmrc'), 'utf8');
    assert.ok(!/registry\s*=/.test(npmrc), '.npmrc names a registry');
  });
}

/** Where Node would find `name` for the package at `where`. */
function lookupPaths(where: string, name: string): string[] {
  const steps = where === '' ? [] : where.split('/node_modules/');
  return steps
    .map((_, index) => `${steps.slice(0, index + 1).join('/node_modules/')}/node_modules/${name}`)
    .concat(`node_modules/${name}`);
}
