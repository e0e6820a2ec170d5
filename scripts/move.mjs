// npm run move: builds what has changed and moves everything from one store to another. --help says how.
import process from 'node:process';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { fail, inRoot, run } from './lib/run.mjs';
import { loadEnvironment } from './lib/server-process.mjs';

await ensureInstalled();
loadEnvironment();
const built = await build('server');
if (built !== 0) fail('not moved: the build has errors', built);
const { code } = await run(process.execPath, [inRoot('dist', 'server', 'move.js'), ...process.argv.slice(2)]);
process.exit(code);
