// npm test: install, build, lint, dead code, then every test with Node's own runner, against a Redis of its own and with
// a browser for the tests that drive the preview.
// `npm test -- plan-slots` runs only the test files with that in their path, without lint; options for node --test
// (`--test-name-pattern=…`) pass through.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { build, filesIn } from './lib/build.mjs';
import { findChromium } from './lib/chromium.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { buildPreview } from './lib/preview.mjs';
import { findRedisServer } from './lib/redis-server.mjs';
import { exitCodeOf, fail, inRoot, onSignals, root, runPackage, say } from './lib/run.mjs';

const filters = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));

await ensureInstalled();
if ((await build()) !== 0) fail('no test was run: the build has errors');
await buildPreview();
if (filters.length === 0) await lint();
const files = testFiles();
if (files.length === 0) fail(`no test file has ${filters.join(' or ')} in its path`);

// Everything a test leaves behind lies below this folder and goes with it, whatever killed the test.
const temp = fs.mkdtempSync(path.join(os.tmpdir(), 'zhundian-test-'));
let runner = null;
let endedBy = null;
process.on('exit', () => fs.rmSync(temp, { recursive: true, force: true, maxRetries: 5 }));
onSignals((signal) => {
  endedBy ??= signal;
  if (runner === null) process.exit(exitCodeOf(null, signal));
  runner.kill(runner.killed ? 'SIGKILL' : signal);
});

const redis = await openRedis();
const browser = await openBrowser();
const notRun = [redis.notRun, browser.notRun].filter((note) => note !== null);
const code = await runTests({ ...redis.env, ...browser.env }, notRun);
await redis.stop();
process.exit(endedBy === null ? code || Math.min(notRun.length, 1) : exitCodeOf(null, endedBy));

async function lint() {
  const colors = process.stdout.isTTY ? [] : ['--colors=off'];
  if ((await runPackage('@biomejs/biome/bin/biome', ['ci', ...colors, '.'])).code !== 0) {
    fail('no test was run: biome has complaints (npm run format mends what it can)');
  }
  if ((await runPackage('knip/bin/knip.js', ['--no-progress', '--no-config-hints'])).code !== 0) {
    fail('no test was run: knip found dead code or undeclared dependencies');
  }
}

/** Node 20's runner knows no globs. */
function testFiles() {
  return filesIn(inRoot('dist', 'test'))
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => path.join('dist', 'test', file))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(path.normalize(filter))))
    .sort();
}

async function openRedis() {
  const server = await findRedisServer();
  const env = server === null ? {} : { TEST_REDIS_SERVER: server };
  const nothing = async () => {};
  if (process.env.TEST_REDIS_URL) {
    const notRun =
      server === null ? 'not run: tests that kill a Redis of their own (no redis-server in PATH)' : null;
    return { env: { ...env, TEST_REDIS_URL: process.env.TEST_REDIS_URL }, notRun, stop: nothing };
  }
  if (server === null) {
    const why = process.getuid?.() === 0 ? 'it could not be installed' : 'not root';
    const notRun = `not run: everything on Redis (no redis-server in PATH, ${why}, TEST_REDIS_URL unset)`;
    return { env, notRun, stop: nothing };
  }
  const { spawnRedis } = await import(pathToFileURL(inRoot('dist', 'test', 'helpers', 'redis.js')).href);
  const dir = path.join(temp, 'redis');
  fs.mkdirSync(dir);
  const own = await spawnRedis({ server, dir });
  return { env: { ...env, TEST_REDIS_URL: own.url }, notRun: null, stop: () => own.stop() };
}

/** Who runs a few tests of another part is not made to wait for a browser, nor told that there is none. */
async function openBrowser() {
  const runsAll = filters.length === 0;
  const chromium = await findChromium({ mayInstall: runsAll });
  if (chromium !== null) return { env: { TEST_CHROMIUM: chromium }, notRun: null };
  if (!runsAll) return { env: {}, notRun: null };
  const why = process.env.TEST_CHROMIUM ? 'TEST_CHROMIUM names no file' : 'none in PATH, TEST_CHROMIUM unset';
  return { env: {}, notRun: `not run: everything in a browser (no Chromium: ${why})` };
}

function runTests(env, notRun) {
  const forPeople = process.stdout.isTTY;
  const args = [
    '--enable-source-maps',
    '--test',
    `--test-reporter=${forPeople ? 'spec' : 'tap'}`,
    '--test-concurrency=2',
    // A file that drives the pages in a browser takes longest.
    '--test-timeout=300000',
    // Node 20 can spin for good while it cleans up at its own end (uv_run in Environment::CleanupHandles, seen after
    // connections were refused half-way): that must not turn a passed file into one that timed out.
    '--test-force-exit',
    ...options,
    ...files,
  ];
  return new Promise((resolve) => {
    runner = spawn(process.execPath, args, {
      cwd: root,
      env: { ...cleanEnvironment(), ...env, TMPDIR: temp, TEMP: temp, TMP: temp },
      stdio: ['ignore', notRun.length === 0 || forPeople ? 'inherit' : 'pipe', 'inherit'],
    });
    if (runner.stdout) sayBeforeSummary(runner.stdout, notRun);
    runner.once('close', (exitCode, signal) => {
      if (forPeople) notRun.forEach(say);
      resolve(exitCodeOf(exitCode, signal));
    });
  });
}

/** The last lines stay the runner's own (`# tests … # fail …`), which programs read; people see the notes above them. */
function sayBeforeSummary(stream, notes) {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (/^# tests \d+$/.test(line)) for (const note of notes) process.stdout.write(`# ${note}\n`);
      process.stdout.write(`${line}\n`);
    }
  });
}

/** Without the server's settings: whatever is exported in this shell, no test may reach a real Redis or WeChat. */
function cleanEnvironment() {
  const env = { ...process.env };
  for (const [, name] of fs
    .readFileSync(inRoot('.env.example'), 'utf8')
    .matchAll(/^#?\s*([A-Z][A-Z0-9_]*)=/gm)) {
    delete env[name];
  }
  return env;
}
