/**
 * Which servers live, and who serves which partition: rendezvous hashing, so that a server that comes or goes moves only
 * its own share. Ownership is about who acts first, never about who may: the steps themselves compare and swap.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { PARTITIONS } from '../store/ids.ts';
import type { ServerBeat } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

export interface Presence extends Part {
  readonly id: string;
  /** This server serves the partition first. */
  owns(partition: number): boolean;
  servers(): ServerBeat[];
  /** Called after each change of what this server owns. */
  onChange(listener: () => void): void;
}

/** Of a lease: a server silent for so much of it has lost its partitions, so that they have an owner when the lease ends. */
const BEAT_TTL_OF_LEASE = 0.6;
const LONGEST_BEAT_TTL_MS = 3_000;
/** Two beats may be lost. */
const BEATS_A_TTL = 3;

export function createPresence(deps: {
  store: Store;
  clock: Clock;
  id: string;
  roles: string[];
  leaseMs: number;
  logger: Logger;
}): Presence {
  const { store, clock, id, roles, logger } = deps;
  const ttlMs = Math.min(LONGEST_BEAT_TTL_MS, Math.round(deps.leaseMs * BEAT_TTL_OF_LEASE));
  const listeners: (() => void)[] = [];
  let servers: ServerBeat[] = [];
  let mine = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let self: ServerBeat | undefined;
  let stopped = false;
  let beating: Promise<void> = Promise.resolve();

  async function beat(): Promise<void> {
    self ??= { id, roles, startedAt: clock.now() };
    servers = await store.beat(self, ttlMs);
    const workers = servers.filter((server) => server.roles.includes('scheduler')).map((server) => server.id);
    const next = ownedPartitions(id, workers.length === 0 ? [id] : workers);
    const changed = next.size !== mine.size || [...next].some((partition) => !mine.has(partition));
    mine = next;
    if (changed) {
      logger.debug({ partitions: [...mine], servers: workers.length }, 'partitions shared');
      for (const listener of listeners) listener();
    }
  }

  function later(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      // While the store is away the last shares stand; nothing can be fired anyway.
      beating = beat().then(later, later);
    }, ttlMs / BEATS_A_TTL);
    timer.unref();
  }

  return {
    id,
    owns: (partition) => mine.has(partition),
    servers: () => servers,
    onChange: (listener) => listeners.push(listener),
    async start() {
      stopped = false;
      await beat();
      if (store.kind !== 'embedded') later();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      // A beat under way would announce this server again behind its good-bye.
      await beating;
      if (self !== undefined) await store.beat(self, 0).catch(() => undefined);
      self = undefined;
    },
  };
}

/** Each partition goes to the server with the highest hash of (server, partition). Pure. */
export function ownedPartitions(id: string, ids: readonly string[]): Set<number> {
  const weight = (server: string, partition: number) =>
    createHash('sha1').update(`${server}\0${partition}`).digest('hex');
  const owned = new Set<number>();
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    let best = '';
    let owner = id;
    for (const server of ids) {
      const w = weight(server, partition);
      if (w > best) {
        best = w;
        owner = server;
      }
    }
    if (owner === id) owned.add(partition);
  }
  return owned;
}
