import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** The repository's root, wherever the command was given. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

export const inRoot = (...parts) => path.join(root, ...parts);

/** One line to the person at the terminal. On stderr, so that stdout stays what the program itself says. */
export function say(line) {
  process.stderr.write(`zhundian: ${line}\n`);
}

export function fail(line, code = 1) {
  say(line);
  process.exit(code);
}

/** What a shell would report for a process that ended with `code` or by `signal`. */
export function exitCodeOf(code, signal) {
  return code ?? 128 + (os.constants.signals[signal] ?? 0);
}

/**
 * Runs a program to its end. A signal that reaches us meanwhile is passed on, and ends us too once it is gone.
 * `capture: true` keeps the output instead of showing it. Answers `{ code, output }`.
 */
export function run(command, args, { capture = false, cwd = root, env = process.env, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = capture ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'];
    const child = spawn(command, args, { cwd, env, shell, stdio });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    const stopHandling = onSignals((signal) => {
      child.once('close', () => process.exit(exitCodeOf(null, signal)));
      child.kill(signal);
    });
    child.once('error', (error) => {
      stopHandling();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopHandling();
      resolve({ code: exitCodeOf(code, signal), output });
    });
  });
}

/** Runs a JavaScript program of a dependency with this very Node, so that no `.bin` shim or shell is involved. */
export function runPackage(file, args, options) {
  return run(process.execPath, [inRoot('node_modules', ...file.split('/')), ...args], options);
}

/**
 * Calls `handle(signal)` for the signals that ask us to end; answers a function that takes the handlers away.
 * npm passes a signal on although the terminal (or `kill -- -group`) has given it to all of us already, so the same
 * wish arrives two or three times within milliseconds: what comes within 300 ms of the last one is no new wish.
 * And where the shell between npm and us does not `exec` (Debian's), a signal sent to npm alone ends that shell and
 * never gets here: under npm, losing the parent counts as SIGTERM.
 */
export function onSignals(handle) {
  let lastAt = Number.NEGATIVE_INFINITY;
  const handleOnce = (signal) => {
    const now = performance.now();
    if (now - lastAt < 300) return;
    lastAt = now;
    handle(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handleOnce);
  const stopWatching = watchParent(() => handleOnce('SIGTERM'));
  return () => {
    for (const signal of signals) process.off(signal, handleOnce);
    stopWatching();
  };
}

function watchParent(onLost) {
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onLost();
  }, 200);
  timer.unref();
  return () => clearInterval(timer);
}
