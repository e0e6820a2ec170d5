/** Follows the event log of the partitions that somebody here listens to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../lib/logger.ts';
import type { StoredEvent } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

/** A lost hint costs this much, and no stuck screen. */
const COMPARE_EVERY_MS = 5_000;
/** Log entries of one read. */
const READ_LIMIT = 500;
/** A store that does not answer is asked again after this. */
const RETRY_MS = 500;

interface Position {
  epoch: string;
  position: string;
}

interface Reader {
  /** Null until somebody has said where to begin. */
  at: Position | null;
  /** A read is under way / another is wanted after it. */
  reading: boolean;
  again: boolean;
  ended: boolean;
}

export interface Tail {
  /** Follows the partition, from `begin` on. */
  add(partition: number): void;
  remove(partition: number): void;
  /** Reads on from here; only the first one after `add` (or after a gap) counts. */
  begin(partition: number, at: Position): void;
  /** The log may have grown. */
  hint(partition: number): void;
  start(): void;
  stop(): void;
}

/** `onEvents`: in the order of the log. `onGap`: events of the partition were lost or the epoch is another; nothing follows
 * until `begin`. */
export function createTail(deps: {
  store: Pick<Store, 'readEvents' | 'listen'>;
  logger: Logger;
  onEvents: (partition: number, epoch: string, events: StoredEvent[]) => void;
  onGap: (partition: number) => void;
}): Tail {
  const { store, logger, onEvents, onGap } = deps;
  const readers = new Map<number, Reader>();
  let timer: NodeJS.Timeout | undefined;

  async function follow(partition: number, reader: Reader): Promise<void> {
    reader.reading = true;
    do {
      reader.again = false;
      try {
        while (await readOn(partition, reader)) {}
      } catch (error) {
        logger.debug({ err: error, partition }, 'the event log could not be read; asked again');
        await sleep(RETRY_MS);
        reader.again = true;
      }
    } while (reader.again && !reader.ended);
    reader.reading = false;
  }

  /** True when there may be more. */
  async function readOn(partition: number, reader: Reader): Promise<boolean> {
    const { at } = reader;
    if (at === null || reader.ended) return false;
    const { epoch, position, events, gap } = await store.readEvents(partition, at, READ_LIMIT);
    if (reader.ended || reader.at !== at) return !reader.ended;
    if (gap) {
      reader.at = null;
      onGap(partition);
      return false;
    }
    const moved = position !== at.position;
    reader.at = { epoch, position };
    if (events.length > 0) onEvents(partition, epoch, events);
    return moved;
  }

  function hint(partition: number): void {
    const reader = readers.get(partition);
    if (reader === undefined) return;
    if (reader.reading) reader.again = true;
    else if (reader.at !== null) void follow(partition, reader);
  }

  const listen = () => store.listen([...readers.keys()]);

  return {
    hint,
    add(partition) {
      if (readers.has(partition)) return;
      readers.set(partition, { at: null, reading: false, again: false, ended: false });
      listen();
    },
    remove(partition) {
      const reader = readers.get(partition);
      if (reader === undefined) return;
      reader.ended = true;
      readers.delete(partition);
      listen();
    },
    begin(partition, at) {
      const reader = readers.get(partition);
      if (reader === undefined || reader.at !== null) return;
      reader.at = at;
      hint(partition);
    },
    start() {
      timer ??= setInterval(() => {
        for (const partition of readers.keys()) hint(partition);
      }, COMPARE_EVERY_MS);
    },
    stop() {
      clearInterval(timer);
      for (const partition of [...readers.keys()]) this.remove(partition);
    },
  };
}
