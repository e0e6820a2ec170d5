import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { filesIn } from './build.mjs';
import { inRoot, say } from './run.mjs';

const root = inRoot('miniprogram');
const out = inRoot('dist', 'preview');

/** Builds dist/preview, which the server shows at /preview/. Nothing in production: there it is not served. */
export async function buildPreview() {
  const preview = await openPreview();
  await preview?.build();
  await preview?.close();
}

/**
 * For `npm run dev`: `build()`, and `look()` to build again when a file has changed since. Problems are told, and
 * shown in place of the phone; they stop nothing. Null in production.
 */
export async function openPreview() {
  if (process.env.NODE_ENV === 'production') return null;
  // Only now: what it imports may just have been installed.
  const { createPreviewBuilder } = await import('../../preview/build/preview-builder.mjs');
  const builder = createPreviewBuilder({ root, out });
  let built = '';
  let isBuilding = false;

  async function build() {
    isBuilding = true;
    built = snapshot();
    try {
      for (const problem of await builder.build()) say(`preview: ${problem}`);
    } catch (error) {
      // A full disk, say. The server is worth starting all the same.
      say(`the preview was not built: ${error.message}`);
    } finally {
      isBuilding = false;
    }
  }

  return {
    build,
    look: () => (isBuilding || snapshot() === built ? Promise.resolve() : build()),
    close: () => builder.close(),
  };
}

/** Names and times of all that goes into the preview; installed packages change with an install only. */
function snapshot() {
  return [root, inRoot('preview')]
    .flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((entry) => !/[\\/](miniprogram_npm|node_modules)$/.test(entry))
    .flatMap((entry) =>
      fs.statSync(entry).isDirectory() ? filesIn(entry).map((file) => path.join(entry, file)) : [entry],
    )
    .map((file) => `${file} ${fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs}`)
    .join('\n');
}
