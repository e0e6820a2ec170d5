/**
 * All names in Redis. Everything of a partition carries its hash tag, `{zd:0f}`, and so lies in one slot of a cluster;
 * scripts are given the partition's own key and build the others from it (lua/_keys.lua; a test holds both equal).
 */
import { PARTITIONS } from '../ids.ts';

/** What follows the hash tag and a colon. Names that end in a colon are followed by an id. */
export const KEY_NAMES = {
  /** zset: `priority|owner` of every owner with ready runs; the score is the order of serving. */
  TURNS: 't',
  /**
   * zset per two characters of a task id behind those of its partition, the second one in eight groups: all task ids. 256
   * small ones (up to 128 entries) cost 24 to 45 bytes a task from 8,000 tasks a partition down to 500, a large one 125.
   */
  TASKS: 'A:',
  /** zset: task ids by their next slot. */
  DUE: 'd',
  /** zset: run ids by the end of their lease. */
  LEASES: 'l',
  /** zset: run ids by the end of their retry delay. */
  RETRIES: 'y',
  /** stream: one entry per step. */
  EVENTS: 'e',
  /** hash: owner -> seq of its list's topic. */
  OWNER_SEQS: 's',
  /** zset: documents by their expiry. */
  DOC_EXPIRY: 'x',
  /** string per task: its changing state, from its first change on. */
  TASK: 'T:',
  /** string per task: open segment, creation with the state it began with, definition. */
  DEFINITION: 'D:',
  /** list per task: closed segments. */
  SEGMENTS: 'G:',
  /** list per task: verdicts in order. */
  VERDICTS: 'V:',
  /** hash per task: day counters. */
  DAYS: 'C:',
  /** list per task: run ids, newest first. */
  HISTORY: 'H:',
  /** list per task: caught-up and backfill runs that wait, oldest first; only while there are any. */
  WAITING: 'W:',
  /** string per deleted task, for a week: the last seq of its topic. */
  LAST_SEQ: 'Z:',
  /** string per run. */
  RUN: 'R:',
  /** list per run: size in bytes, then log lines. */
  LOG: 'L:',
  /** list per `priority|owner`: ready run ids, oldest first. */
  QUEUE: 'Q:',
  /** zset per owner: task ids by creation. */
  OWNER_TASKS: 'O:',
  /** list per owner: run ids, newest first. */
  OWNER_RUNS: 'P:',
  /** string per claim, for 60 s: the run ids it got. */
  CLAIM: 'X:',
  /** string per document, `kind:owner:id`. */
  DOC: 'K:',
  /** zset per `kind:owner`: document ids. */
  DOC_INDEX: 'I:',
} as const;

export type KeyName = keyof typeof KEY_NAMES;

export interface Keys {
  /** Format of the data and number of partitions. */
  meta: string;
  /** Live servers. */
  servers: string;
  /** Written and removed at start, to see what is permitted (command-checks.ts); one for each start, many
   * servers may start at once. In the slot of the first partition. */
  probe(start: string): string;
  /** Pub/sub channel of a partition's wakes (wakes.ts). It carries the hash tag: on a cluster it belongs to that slot. */
  wake(partition: number): string;
  /** Pub/sub channel of what is new in a partition (live-news.ts). */
  live(partition: number): string;
  /** hash: epoch, write number, turn. The key that every script is given. */
  partition(partition: number): string;
  of(partition: number, name: KeyName, id?: string): string;
}

export function createKeys(prefix: string): Keys {
  const bases = Array.from(
    { length: PARTITIONS },
    (_, partition) => `{${prefix}:${partition.toString(16).padStart(2, '0')}}:`,
  );
  const base = (partition: number): string => {
    const found = bases[partition];
    if (found === undefined) throw new Error(`there is no partition ${partition}`);
    return found;
  };
  return {
    meta: `${prefix}:meta`,
    servers: `${prefix}:servers`,
    probe: (start) => `${base(0)}probe:${start}`,
    wake: (partition) => `${base(partition)}wake`,
    live: (partition) => `${base(partition)}live`,
    partition: (partition) => `${base(partition)}p`,
    of: (partition, name, id = '') => base(partition) + KEY_NAMES[name] + id,
  };
}

/** Owner ids and document kinds stand in keys, records and scores: without spaces, colons and bars. */
export const encodeName = (name: string): string => encodeURIComponent(name);
export const decodeName = (name: string): string => decodeURIComponent(name);
