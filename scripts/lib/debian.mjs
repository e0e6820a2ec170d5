import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { run, say } from './run.mjs';

/** Full path of a program in PATH, or null. */
export function inPath(name) {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    const candidate = path.join(folder, file);
    try {
      fs.accessSync(candidate, fs.constants.X_OK);
      return candidate;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/**
 * Installs packages of Debian's that the tests need, as root on a Debian-like system; elsewhere it does nothing and
 * answers false. `why` is what is missing, for the person who waits. No service of theirs is started.
 */
export async function installOnDebian(packages, why) {
  const isRootOnDebian = process.getuid?.() === 0 && fs.existsSync('/etc/debian_version');
  if (!isRootOnDebian || inPath('apt-get') === null) return false;
  const names = packages.join(' and ');
  say(`${why}: installing Debian's ${names} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const allowServices = forbidServices();
  try {
    await run('apt-get', ['update', '-qq'], { capture: true, env });
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
    const { code, output } = await run('apt-get', install, { capture: true, env });
    if (code !== 0) say(`apt-get could not install ${names}: ${output.trim().split('\n').at(-1)}`);
    return code === 0;
  } finally {
    allowServices();
  }
}

/** Debian asks /usr/sbin/policy-rc.d before it starts a service: 101 is "no", so port 6379 stays free. */
function forbidServices() {
  const policy = '/usr/sbin/policy-rc.d';
  if (fs.existsSync(policy)) return () => {};
  fs.writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  return () => fs.rmSync(policy, { force: true });
}
