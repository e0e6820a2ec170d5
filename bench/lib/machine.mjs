/** What a figure was measured on. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { postgresVersion } from './postgres.mjs';

const here = (path) => new URL(path, import.meta.url);

export function machine() {
  return {
    cores: cpus().length,
    cpu: cpus()[0].model.trim(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    disk: fileSystemOf(tmpdir()),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform,
    node: process.versions.node,
    redis: /v=([\d.]+)/.exec(run('redis-server', '--version'))?.[1] ?? null,
    postgres: postgresVersion(),
    peers: JSON.parse(readFileSync(here('../package.json'), 'utf8')).dependencies,
    commit: run('git', 'rev-parse', '--short', 'HEAD').trim() || null,
  };
}

/** `2026-11-23, 2 × AMD EPYC, 24 GiB, ext4, Debian …, Node …`: one line of a result. */
export function machineLine({ at, machine: m }) {
  const servers = [`Redis ${m.redis}`, ...(m.postgres === null ? [] : [`PostgreSQL ${m.postgres}`])];
  const name = m.cpu.replace(/\((R|TM)\)|Processor| with .*$/g, '').trim();
  return [
    at.slice(0, 10),
    `${m.cores} × ${name}`,
    `${m.memoryGiB} GiB`,
    m.disk,
    m.system.replace(/ \(.*\)$/, ''),
    `Node ${m.node}`,
    ...servers,
  ].join(', ');
}

function run(program, ...args) {
  return spawnSync(program, args, { encoding: 'utf8', cwd: here('.') }).stdout ?? '';
}

/** The type of the longest mount point that the folder lies below. */
function fileSystemOf(folder) {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
  const below = mounts.filter(([, point]) => point === '/' || `${folder}/`.startsWith(`${point}/`));
  return below.sort(([, a], [, b]) => b.length - a.length)[0]?.[2] ?? 'unknown';
}
