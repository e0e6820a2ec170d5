/** Opens the store file, refuses what cannot be one, and sets how it is written. */
import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hostClock } from '../../lib/clock.ts';
import { PARTITIONS } from '../ids.ts';
import { decodeMark, refuseMarked } from '../mark.ts';
import { StartError } from '../status.ts';
import { openDb, SQLITE, type SqlDb, sqliteCode } from './driver.ts';
import { migrate } from './migrate.ts';

export const FILE_NAME = 'zhundian.db';
/** `ZHUN`, in the header of every store file. */
const APPLICATION_ID = 0x5a48554e;
/** Files above this are not read through after a crash: at 64 MiB the check takes about a quarter of a second. */
const QUICK_CHECK_MAX_BYTES = 64 * 1024 * 1024;

/** Room in the log; and SQLite's page, so that it is checkpointed when that is full. */
const LOG_BYTES = 32 * 1_048_576;
const PAGE_BYTES = 4_096;

export interface OpenedFile {
  db: SqlDb;
  path: string;
  /** Number of this start; leases of other numbers are lost. */
  boot: number;
}

/** @throws StartError with one line that names the folder or file. */
export function openFile(dir: string, { forMove = false }: { forMove?: boolean } = {}): OpenedFile {
  const path = join(dir, FILE_NAME);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StartError(`the data folder ${dir} cannot be made: ${(error as Error).message}`);
  }
  const bytes = checkHeader(path);
  let db: SqlDb | null = null;
  try {
    // The file holds request headers and, in development, the key of tokens: for its owner's eyes. SQLite gives the files
    // beside it the same mode.
    closeSync(openSync(path, 'a', 0o600));
    db = openDb(path);
    const boot = prepareFile(db, path, bytes);
    if (!forMove) refuseMarked(readMark(db), hostClock.now(), `the data folder ${dir}`, `file:${dir}`);
    return { db, path, boot };
  } catch (error) {
    closeQuietly(db);
    throw asStartError(error, dir, path);
  }
}

/**
 * Marks a clean end, so that the next start need not check the file. Leaving WAL mode puts everything into the one file;
 * and it lets go of the locks at once: @photostructure/sqlite does not finalize statements on close, so that a
 * connection in WAL mode would hold the file until the statements are collected.
 */
export function closeFile({ db }: Pick<OpenedFile, 'db'>): void {
  try {
    db.exec("UPDATE meta SET value = '1' WHERE key = 'clean'");
    db.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL');
    db.exec('BEGIN; SELECT 1 FROM meta; COMMIT');
  } finally {
    db.close();
  }
}

/** Size of the file; SQLite takes some foreign files for empty ones, so the first bytes are looked at before. */
function checkHeader(path: string): number {
  let bytes: number;
  try {
    bytes = statSync(path).size;
  } catch {
    return 0;
  }
  if (bytes === 0) return 0;
  const head = Buffer.alloc(16);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, 16, 0);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new StartError(`${path} cannot be read: ${(error as Error).message}`);
  }
  if (head.toString('latin1') !== 'SQLite format 3\0') throw notOurs(path);
  return bytes;
}

function prepareFile(db: SqlDb, path: string, bytes: number): number {
  // Exclusive locking before the first access: the lock is held until close, and no shared-memory file is needed.
  db.exec('PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL');
  // FULL: one sync per commit, survives power loss. fullfsync matters on macOS only, where fsync does not reach the disk.
  db.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = 1; PRAGMA checkpoint_fullfsync = 1');
  db.exec('PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768');
  // Checkpoints are made in quiet moments (checkpoint.ts). Without any, one is forced when the log has filled its room: it
  // writes every changed page once, however often it changed, and makes one commit wait some 10 ms.
  db.exec(
    `PRAGMA wal_autocheckpoint = ${LOG_BYTES / PAGE_BYTES}; PRAGMA journal_size_limit = ${2 * LOG_BYTES}`,
  );
  db.exec('BEGIN IMMEDIATE; COMMIT');
  makeRoomInLog(`${path}-wal`);

  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  if (pragma('application_id') !== APPLICATION_ID) {
    const used = db.prepare('SELECT count(*) n FROM sqlite_schema').get()?.n !== 0;
    if (used || pragma('user_version') !== 0) throw notOurs(path);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  }
  migrate(db, path);
  return checkMeta(db, path, bytes);
}

function checkMeta(db: SqlDb, path: string, bytes: number): number {
  const get = (key: string) => db.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value ?? null;
  const set = (key: string, value: string) =>
    db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  const partitions = get('partitions');
  if (partitions !== null && Number(partitions) !== PARTITIONS) {
    throw new StartError(
      `${path} has ${partitions} partitions, this server ${PARTITIONS}: it cannot be used`,
    );
  }
  if (get('clean') === '0' && bytes < QUICK_CHECK_MAX_BYTES) {
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (found !== 'ok') throw damaged(path, String(found));
  }
  const boot = Number(get('boot') ?? 0) + 1;
  db.exec('BEGIN IMMEDIATE');
  set('partitions', String(PARTITIONS));
  set('clean', '0');
  set('boot', String(boot));
  db.exec('COMMIT');
  return boot;
}

const readMark = (db: SqlDb) =>
  decodeMark(db.prepare("SELECT value FROM meta WHERE key = 'mark'").get()?.value as string | undefined);

const notOurs = (path: string) =>
  new StartError(`${path} is not a store of Zhundian: move it away or choose another data folder`);

const damaged = (path: string, detail: string) =>
  new StartError(`${path} is damaged (${oneLine(detail)}): restore it from a backup or move it away`);

const oneLine = (text: string) => text.replace(/\s+/g, ' ').slice(0, 200);

function asStartError(error: unknown, dir: string, path: string): Error {
  if (error instanceof StartError) return error;
  const { message } = error as Error;
  switch (sqliteCode(error)) {
    case SQLITE.BUSY:
      return new StartError(
        `the data folder ${dir} is in use by another server: stop it or choose another folder`,
      );
    case SQLITE.CORRUPT:
    case SQLITE.NOTADB:
      return damaged(path, message);
    default:
      return new StartError(`the store ${path} cannot be opened: ${oneLine(message)}`);
  }
}

function closeQuietly(db: SqlDb | null): void {
  try {
    db?.close();
  } catch {
    // It was not usable anyway; the first error is the one to tell.
  }
}

/**
 * Fills the log with zeros up to LOG_BYTES: syncing a file that does not grow spares the file system's own journal. (At 500
 * one-shots a second on ext4: half of the commits took 1.1 to 2.5 ms in a growing log, 0.7 in one with room; 2026-11-23.)
 * SQLite ends reading at the first frame whose checksum is wrong, so zeros behind the last commit mean nothing to it.
 */
function makeRoomInLog(path: string): void {
  const zeros = Buffer.alloc(1_048_576);
  let log: number | null = null;
  try {
    log = openSync(path, 'r+');
    for (let at = fstatSync(log).size; at < LOG_BYTES; at += zeros.length) {
      writeSync(log, zeros, 0, zeros.length, at);
    }
    fsyncSync(log);
  } catch {
    // No room for it, or no log yet: commits will make their own.
  } finally {
    if (log !== null) closeSync(log);
  }
}
