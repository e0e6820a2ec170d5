import { spawn } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { nodeFlags } from './node-flags.mjs';
import { inRoot, root } from './run.mjs';

export const serverMain = inRoot('dist', 'server', 'main.js');

/** The server's exit code that means "start me again". */
export const restartCode = 75;

const isWindows = process.platform === 'win32';
const followParent = new URL('./follow-parent.mjs', import.meta.url).href;

/** Reads `.env`, which never overrides what is set, and makes `development` the default of NODE_ENV. */
export function loadEnvironment() {
  const file = inRoot('.env');
  if (fs.existsSync(file)) process.loadEnvFile(file);
  process.env.NODE_ENV ||= 'development';
}

/** Starts the built server in the foreground, in a process group of its own (see follow-parent.mjs). */
export function spawnServer(nodeArgs = []) {
  return spawn(process.execPath, [...nodeFlags(), '--import', followParent, ...nodeArgs, serverMain], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: !isWindows,
  });
}

/** Passes a signal on. On Windows the console has told the server itself, and `kill` there would not let it drain. */
export function passOn(child, signal) {
  if (!isWindows) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
}
