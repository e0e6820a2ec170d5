/**
 * The event log of each partition. All events of one transaction and partition are one row: a row an event costs more
 * than half of the throughput.
 */
import type { EventPayload, EventType } from '../../../shared/realtime.ts';
import { PARTITIONS } from '../ids.ts';
import { EVENTS_KEPT } from '../limits.ts';
import type { ReplayPage } from '../replay.ts';
import type { StoredEvent } from '../requests.ts';
import type { SqlDb } from './driver.ts';
import { Fifo } from './fifo.ts';

/**
 * An event packed: half the bytes of the object and a third of the time. `id` is the run's or the task's; a seq of 0 is
 * left out: the topic does not carry it. What follows are payload fields in the order of FIELDS, absent ones null.
 */
type PackedEvent = [
  type: EventType,
  id: string,
  at: number,
  taskSeq: number,
  runSeq: number,
  ownerSeq: number,
  ownerId: string | null,
  ...fields: (string | number | null)[],
];

/** In files: append, never reorder. */
const FIELDS = [
  'state',
  'attempt',
  'lateByMs',
  'plannedAt',
  'reason',
  'toAt',
  'count',
  'retryAt',
  'version',
  'nextAt',
] as const satisfies (keyof EventPayload)[];

/** Which topics an event goes to, by the number it has there. */
export interface EventSeqs {
  task: number;
  /** 0: not on the run's topic. */
  run: number;
  /** 0: not on the owner's list. */
  owner: number;
  ownerId: string | null;
}

/** Rows of a partition lie together, in order. 2^44 transactions are 500 years of 1,000 a second. */
const BASE = 2 ** 44;
/** Beside EVENTS_KEPT: a busy server's rows hold many events each. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Rows are deleted this many at a time. */
const TRIM_STEP = 64;
/** One page of a replay holds the thread for about 3 ms. */
const PAGE_ROWS = 500;
const PAGE_BYTES = 256 * 1024;

interface PartitionLog {
  epoch: string;
  /** Position of the newest row, 0 before the first; positions have no holes. */
  newest: number;
  oldest: number;
  sizes: Fifo<number>;
  bytes: number;
  pending: PackedEvent[];
}

export class EventLog {
  readonly #db: SqlDb;
  #logs: PartitionLog[] = [];
  #grown = new Set<number>();

  constructor(db: SqlDb) {
    this.#db = db;
  }

  /** Reads where each partition stands; whatever was not written is forgotten. */
  load(newEpoch: () => string): void {
    const epochs = this.#db.prepare('SELECT epoch FROM partition WHERE partition = ?');
    const rows = this.#db.prepare(
      'SELECT n, octet_length(entry) bytes FROM event WHERE n > ? AND n < ? ORDER BY n',
    );
    this.#logs = [];
    this.#grown.clear();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      let epoch = epochs.get(partition)?.epoch as string | undefined;
      if (epoch === undefined) {
        epoch = newEpoch();
        this.#db.prepare('INSERT INTO partition (partition, epoch) VALUES (?, ?)').run(partition, epoch);
      }
      const log: PartitionLog = { epoch, newest: 0, oldest: 1, sizes: new Fifo(), bytes: 0, pending: [] };
      for (const { n, bytes } of rows.iterate(partition * BASE, (partition + 1) * BASE)) {
        log.newest = (n as number) - partition * BASE;
        if (log.sizes.size === 0) log.oldest = log.newest;
        log.sizes.push(bytes as number);
        log.bytes += bytes as number;
      }
      this.#logs.push(log);
    }
  }

  append(partition: number, type: EventType, payload: EventPayload, seqs: EventSeqs): void {
    const id = payload.runId ?? payload.taskId;
    const event: PackedEvent = [type, id, payload.at, seqs.task, seqs.run, seqs.owner, seqs.ownerId];
    let nulls = 0;
    for (const field of FIELDS) {
      const value = payload[field];
      if (value === undefined) {
        nulls += 1;
        continue;
      }
      for (; nulls > 0; nulls--) event.push(null);
      event.push(value);
    }
    this.#logs[partition]!.pending.push(event);
  }

  /** Writes one row for each partition with new events. */
  flush(): void {
    for (const [partition, log] of this.#logs.entries()) {
      if (log.pending.length === 0) continue;
      const entry = JSON.stringify(log.pending);
      log.pending = [];
      log.newest += 1;
      this.#grown.add(partition);
      this.#db
        .prepare('INSERT INTO event (n, entry) VALUES (?, ?)')
        .run(partition * BASE + log.newest, entry);
      log.sizes.push(entry.length);
      log.bytes += entry.length;
      this.#trim(partition, log);
    }
  }

  /** Partitions whose log has grown since the last call. */
  takeGrown(): number[] {
    if (this.#grown.size === 0) return [];
    const grown = [...this.#grown];
    this.#grown.clear();
    return grown;
  }

  #trim(partition: number, log: PartitionLog): void {
    if (log.sizes.size < EVENTS_KEPT + TRIM_STEP && log.bytes < MAX_BYTES * 1.05) return;
    while (log.sizes.size > EVENTS_KEPT || log.bytes > MAX_BYTES) {
      log.bytes -= log.sizes.shift() ?? 0;
      log.oldest += 1;
    }
    this.#db
      .prepare('DELETE FROM event WHERE n > ? AND n < ?')
      .run(partition * BASE, partition * BASE + log.oldest);
  }

  /** See Store.readEvents. */
  read(partition: number, after: { epoch: string; position: string } | null, limit: number) {
    const log = this.#logs[partition]!;
    const asked = after === null ? log.oldest - 1 : Number(after.position);
    const gap =
      after !== null && (after.epoch !== log.epoch || !(asked >= log.oldest - 1) || asked > log.newest);
    let position = gap ? log.oldest - 1 : asked;
    const events: StoredEvent[] = [];
    const rows = this.#db.prepare('SELECT n, entry FROM event WHERE n > ? AND n < ? ORDER BY n LIMIT ?');
    for (const row of rows.iterate(partition * BASE + position, (partition + 1) * BASE, limit)) {
      position = (row.n as number) - partition * BASE;
      for (const packed of JSON.parse(row.entry as string) as PackedEvent[]) unpack(packed, events);
    }
    return { epoch: log.epoch, position: String(position), events, gap };
  }

  /** One page of a replay, older than `before` (null: from the newest on). What is pending must be written. */
  readBack(partition: number, before: string | null, limit: number): Omit<ReplayPage, 'seqs'> {
    const { epoch, newest, oldest } = this.#logs[partition]!;
    const base = partition * BASE;
    const entries: StoredEvent[][] = [];
    let at = before === null ? newest + 1 : Number(before);
    let bytes = 0;
    const rows = this.#db.prepare('SELECT n, entry FROM event WHERE n > ? AND n < ? ORDER BY n DESC LIMIT ?');
    for (const { n, entry } of rows.iterate(base, base + at, Math.min(limit, PAGE_ROWS))) {
      const events: StoredEvent[] = [];
      for (const packed of JSON.parse(entry as string) as PackedEvent[]) unpack(packed, events);
      entries.push(events);
      at = (n as number) - base;
      bytes += (entry as string).length;
      if (bytes > PAGE_BYTES) break;
    }
    const more = entries.length > 0 && at > oldest;
    return {
      epoch,
      position: String(newest),
      events: entries.reverse().flat(),
      looked: entries.length,
      before: more ? String(at) : null,
    };
  }
}

function unpack(
  [type, id, at, task, run, owner, ownerId, ...fields]: PackedEvent,
  events: StoredEvent[],
): void {
  const colon = id.indexOf(':');
  const taskId = colon === -1 ? id : id.slice(0, colon);
  const payload: EventPayload = { taskId, ...(colon === -1 ? null : { runId: id }), at };
  for (const [index, value] of fields.entries()) {
    if (value !== null) Object.assign(payload, { [FIELDS[index]!]: value });
  }
  if (owner > 0) events.push({ topic: `tasks:${ownerId}`, seq: owner, type, payload });
  events.push({ topic: `task:${taskId}`, seq: task, type, payload });
  if (run > 0) events.push({ topic: `run:${id}`, seq: run, type, payload });
}
