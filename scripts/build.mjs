// npm run build: everything, tests included, into dist/. `npm run build -- server` leaves the tests out.
import process from 'node:process';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';

await ensureInstalled();
process.exit(await build(process.argv[2]));
