/**
 * Loads the Lua scripts: one file per step, named after the method, with shared parts by `-- @include`. Each begins with
 * a header (KEYS, ARGV, Answers, Events) that is checked against the text, so that it stays true.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { RUN_ERROR_CODES } from '../../../shared/errors.ts';
import { LATENESS_BOUNDS_MS } from '../lateness.ts';
import {
  ATTEMPTS_KEPT,
  EVENTS_KEPT,
  INSPECTED_A_CALL,
  LOG_BYTES_KEPT,
  LOG_LINES_KEPT,
  LONGEST_LEASE_MS,
  OWNER_RUNS_SCANNED,
  QUEUE_SEARCHED,
  RUNS_KEPT_PER_TASK,
} from '../limits.ts';
import { OVERLAP_LIMIT } from '../overlap.ts';
import { StartError } from '../status.ts';

export const SCRIPT_NAMES = [
  'append-run-log',
  'ask-runs',
  'beat',
  'cancel-run',
  'change-task',
  'claim-runs',
  'clear-partition',
  'count-verdicts',
  'create-tasks',
  'delete-document',
  'delete-task',
  'export-runs',
  'export-tasks',
  'finish-runs',
  'fire-slots',
  'import-document',
  'import-ready',
  'import-run-log',
  'import-runs',
  'import-task',
  'import-verdicts',
  'inspect-indexes',
  'inspect-tasks',
  'list-document-lists',
  'list-documents',
  'list-runs',
  'list-segments',
  'list-verdicts',
  'load-due',
  'open-epoch',
  'prune-task',
  'put-document',
  'read-events',
  'recover-runs',
  'renew-runs',
  'repair-day',
  'repair-indexes',
  'repair-task',
  'replay-topics',
  'scan-tasks',
  'time',
] as const;

export type ScriptName = (typeof SCRIPT_NAMES)[number];

export interface Script {
  source: string;
  sha: string;
}

export type Scripts = Record<ScriptName, Script>;

const runError = (code: keyof typeof RUN_ERROR_CODES) =>
  `'${JSON.stringify({ code, message: RUN_ERROR_CODES[code] }).replaceAll("'", "\\'")}'`;

/** Limits that both stores share, and errors that the store itself writes; scripts name them like the fields. */
const CONSTANTS: Record<string, string | number> = {
  ATTEMPTS_KEPT,
  EVENTS_KEPT,
  INSPECTED_A_CALL,
  LOG_BYTES_KEPT,
  LOG_LINES_KEPT,
  LONGEST_LEASE_MS,
  OVERLAP_LIMIT,
  OWNER_RUNS_SCANNED,
  QUEUE_SEARCHED,
  RUNS_KEPT_PER_TASK,
  LATENESS_BOUNDS: `{ ${LATENESS_BOUNDS_MS.join(', ')} }`,
  CANCELLED_ERROR: runError('CANCELLED'),
  WORKER_LOST_ERROR: runError('WORKER_LOST'),
};

/**
 * In front of every script that uses a partition, on a cluster. While a slot moves, key by key, a script would find keys
 * that have gone already missing, and would take a task for deleted. A key that never exists shows it: on the node that
 * the slot leaves a missing key is an error, on the one that it comes to two missing keys are. Then nothing has happened yet.
 */
const MOVE_GUARD = `local move = redis.pcall('EXISTS', KEYS[1] .. '-', KEYS[1] .. '--')
if type(move) == 'table' and move.err then return redis.error_reply('MOVING the partition is on its way to another node') end
`;

/** What differs on a cluster: hints stay in the partition's slot (PUBLISH would go to every node), and moves of slots. */
const VARIANTS = {
  single: { publish: `'PUBLISH'`, guard: '' },
  cluster: { publish: `'SPUBLISH'`, guard: MOVE_GUARD },
};

export type ScriptVariant = keyof typeof VARIANTS;

/** All scripts, or a StartError that names the file and what is wrong with it. */
export function loadScripts(
  variant: ScriptVariant = 'single',
  folder = new URL('./lua/', import.meta.url),
): Scripts {
  const read = (name: string) => {
    try {
      return readFileSync(new URL(`${name}.lua`, folder), 'utf8');
    } catch (cause) {
      throw new StartError(`the Redis script ${name}.lua cannot be read`, { cause });
    }
  };
  const entries = SCRIPT_NAMES.map((name) => {
    const text = read(name);
    const complaint = checkHeader(text);
    if (complaint !== null) throw new StartError(`the Redis script ${name}.lua ${complaint}`);
    return [name, assemble(text, read, variant)] as const;
  });
  return Object.fromEntries(entries) as Scripts;
}

/**
 * Puts the shared parts in, each once, comments out, numbers for the names of record fields (`@fields`) and limits: Lua
 * allows 200 locals, and a number is faster than one. `@oom allow` lets a step run that frees or keeps memory.
 */
export function assemble(
  text: string,
  read: (name: string) => string,
  variant: ScriptVariant = 'single',
): Script {
  const { publish, guard } = VARIANTS[variant];
  const included = new Set<string>();
  const expand = (part: string): string =>
    part.replace(/^-- @include (\S+)$/gm, (_, name: string) => {
      if (included.has(name)) return '';
      included.add(name);
      return expand(read(name));
    });
  const whole = expand(text);
  const names: Record<string, string | number> = { ...CONSTANTS, PUBLISH: publish, ...numberFields(whole) };
  const body = whole
    .replace(/^\s*--.*$/gm, '')
    .replace(/\n\s*\n+/g, '\n')
    .replace(/\b[A-Z][A-Z_]+\b/g, (name) => String(names[name] ?? name));
  // A script with a head line is refused up front when memory is full; without one, at its first write.
  const head = /^-- @oom allow$/m.test(text) ? '#!lua flags=allow-oom\n' : '';
  const source = head + (included.has('_keys') ? guard : '') + body;
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

/** `-- @fields T_ SEQ VERSION` makes T_SEQ 1 and T_VERSION 2; further lines of the prefix go on counting. */
function numberFields(text: string): Record<string, number> {
  const names: Record<string, number> = {};
  const counts: Record<string, number> = {};
  for (const [, prefix = '', words = ''] of text.matchAll(/^-- @fields (\w+_) (.*)$/gm)) {
    for (const word of words.split(' ')) {
      counts[prefix] = (counts[prefix] ?? 0) + 1;
      names[prefix + word] = counts[prefix];
    }
  }
  return names;
}

/** What is wrong with a script's header, or null. */
export function checkHeader(text: string): string | null {
  const header = /^(?:--.*\n)+/.exec(text)?.[0] ?? '';
  for (const word of ['KEYS', 'ARGV', 'Answers', 'Events']) {
    if (!new RegExp(`^-- ${word}: \\S`, 'm').test(header)) return `has no line "-- ${word}:" in its header`;
  }
  const keys = /^-- KEYS: (.*)$/m.exec(header)?.[1]?.trim().split(' ') ?? [];
  if (keys.length !== 1) return 'declares other than one key';
  const declared = /^-- ARGV: (?!none$)(.*)$/m.exec(header)?.[1] ?? '';
  const fixed = (declared.split('(')[0] ?? '').trim().split(' ').filter(Boolean);
  const body = text.slice(header.length);
  const used = [...body.matchAll(/ARGV\[(\d+)\]/g)].map((match) => Number(match[1]));
  const names = [...body.matchAll(/^local ([\w, ]+) = (.*ARGV\[\d.*)$/gm)].flatMap((line) =>
    (line[1] as string).split(', '),
  );
  for (const [index, name] of fixed.entries()) {
    if (!used.includes(index + 1)) return `declares ${name} but does not read ARGV[${index + 1}]`;
    if (names[index] !== name) return `reads ARGV[${index + 1}] into ${names[index]} but declares ${name}`;
  }
  if (used.some((index) => index > fixed.length)) return 'reads more of ARGV than it declares';
  if (declared.includes('(') !== body.includes('#ARGV')) return 'repeats ARGV otherwise than it declares';
  return null;
}
