/**
 * The one place that knows which SQLite is underneath: `node:sqlite` where Node has it without a flag (22.13 and later),
 * `@photostructure/sqlite` (the same API, binaries in the package) elsewhere.
 *
 * The statements are the driver's own objects, so a call costs nothing extra. What the two disagree on is kept out by
 * type: no booleans (node:sqlite refuses them; use `flag`), and no integer beyond 2^53 is ever stored.
 */
import { createRequire } from 'node:module';

export type SqlValue = string | number | null;
/** A row; null prototype, so never rely on Object's methods. */
export type SqlRow = Record<string, SqlValue>;

export interface SqlStatement {
  run(...values: SqlValue[]): { changes: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
  iterate(...values: SqlValue[]): IterableIterator<SqlRow>;
}

export interface SqlDb {
  /** Which library and which SQLite. */
  readonly version: string;
  exec(sql: string): void;
  /** Prepared once per text. */
  prepare(sql: string): SqlStatement;
  close(): void;
}

interface DatabaseSync {
  exec(sql: string): void;
  prepare(sql: string): SqlStatement;
  close(): void;
}
type DatabaseModule = { DatabaseSync: new (path: string) => DatabaseSync };

/** SQLite's primary result code of an error it threw, or null for any other error. */
export function sqliteCode(error: unknown): number | null {
  const { errcode } = (error ?? {}) as { errcode?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : null;
}

/** Primary result codes that callers tell apart. */
export const SQLITE = {
  BUSY: 5,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

export const flag = (value: boolean): 0 | 1 => (value ? 1 : 0);

export function openDb(path: string): SqlDb {
  const builtIn = process.getBuiltinModule('node:sqlite') as DatabaseModule | undefined;
  const { DatabaseSync } =
    builtIn ?? (createRequire(import.meta.url)('@photostructure/sqlite') as DatabaseModule);
  const db = new DatabaseSync(path);
  const prepared = new Map<string, SqlStatement>();
  const prepare = (sql: string) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = db.prepare(sql);
      prepared.set(sql, statement);
    }
    return statement;
  };
  return {
    version: `${builtIn ? 'node:sqlite' : '@photostructure/sqlite'} ${db.prepare('SELECT sqlite_version() v').get()?.v}`,
    exec: (sql) => db.exec(sql),
    prepare,
    close: () => {
      prepared.clear();
      db.close();
    },
  };
}
