import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir } from '../helpers/temp-dir.ts';
import { repoRoot } from '../rules/source-files.ts';
import { buildPreview } from './support/build-preview.ts';

test('the mini-program uses nothing that the preview has not', async (t) => {
  assert.deepEqual(await buildPreview(join(repoRoot, 'miniprogram'), tempDir(t)), []);
});
