// npm run dev: builds, runs the server, and starts it anew when a change has been compiled.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { build, filesIn, syncAssets } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { openPreview } from './lib/preview.mjs';
import { inRoot, onSignals, root, say } from './lib/run.mjs';
import { loadEnvironment, passOn, restartCode, serverMain, spawnServer } from './lib/server-process.mjs';

// Looking at some 200 files takes 3 ms and works alike everywhere; recursive fs.watch does not.
const lookEveryMs = 300;
const drainMs = 10_000;

await ensureInstalled();
loadEnvironment();
const preview = await openPreview();
await Promise.all([build('server'), preview?.build()]);

const tsc = spawn(
  process.execPath,
  [inRoot('node_modules', 'typescript', 'bin', 'tsc'), '-b', 'server', '--watch', '--preserveWatchOutput'],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
let server = null;
let stopping = false;
let restarting = false;
let running = '';
let before = '';

// What ended the compiler (Ctrl+C) is on its way to us as well: wait for that before calling it a failure.
tsc.once('exit', () => setTimeout(() => stopping || stop('SIGTERM'), 500));
onSignals(stop);
setInterval(look, lookEveryMs);
look();

function look() {
  if (stopping) return;
  void preview?.look();
  if (restarting) return;
  syncAssets();
  const now = snapshot();
  // Twice the same: the compiler has finished writing.
  if (now !== running && (now === before || running === '')) void restart(now);
  before = now;
}

function snapshot() {
  return ['server', 'shared']
    .flatMap((room) => filesIn(inRoot('dist', room)).map((file) => inRoot('dist', room, file)))
    .filter((file) => !/\.(d\.ts|map)$/.test(file))
    .sort()
    .map((file) => {
      const stat = fs.statSync(file, { throwIfNoEntry: false });
      return `${path.relative(root, file)} ${stat?.mtimeMs} ${stat?.size}`;
    })
    .join('\n');
}

async function restart(now) {
  restarting = true;
  if (running !== '') say('changed, starting the server again');
  running = now;
  await endServer('SIGTERM');
  restarting = false;
  if (!stopping && fs.existsSync(serverMain)) startServer();
}

function startServer() {
  const child = spawnServer(['--enable-source-maps']);
  server = child;
  child.once('exit', (code, signal) => {
    if (server === child) server = null;
    if (stopping || restarting) return;
    if (code === restartCode) startServer();
    else say(`the server ended (${signal ?? `code ${code}`}); it starts again with the next change`);
  });
}

/** Lets the server drain; kills it when that takes longer than a developer wants to wait. */
function endServer(signal) {
  const child = server;
  if (child === null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), drainMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    passOn(child, signal);
  });
}

async function stop(signal) {
  if (stopping) return server === null ? undefined : passOn(server, signal);
  stopping = true;
  tsc.kill();
  await endServer(signal);
  process.exit(0);
}
