// npm run mp:check: the compiler of WeChat DevTools over the mini-program. Installs it at first use (276 MB).
import fs from 'node:fs';
import process from 'node:process';
import { ensureInstalled } from './lib/install.mjs';
import { npmCi } from './lib/npm.mjs';
import { fail, inRoot, run, say } from './lib/run.mjs';

const folder = inRoot('miniprogram-check');
const installed = inRoot('miniprogram-check', 'node_modules', 'miniprogram-ci', 'package.json');
const wanted = JSON.parse(fs.readFileSync(inRoot('miniprogram-check', 'package.json'), 'utf8')).dependencies;

await ensureInstalled();
if (!isInstalled()) {
  say('installing the compiler of WeChat DevTools into miniprogram-check/ (some minutes, 276 MB)');
  const failed = await npmCi(folder);
  if (failed !== null) fail(`npm ci in miniprogram-check/ failed: ${failed}`);
}
const { code } = await run(process.execPath, [inRoot('miniprogram-check', 'check.mjs')]);
process.exit(code);

function isInstalled() {
  if (!fs.existsSync(installed)) return false;
  return JSON.parse(fs.readFileSync(installed, 'utf8')).version === wanted['miniprogram-ci'];
}
