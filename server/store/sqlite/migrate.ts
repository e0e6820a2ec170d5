/** Brings the schema of a store file to the newest version known, one numbered SQL file after the other. */
import { readdirSync, readFileSync } from 'node:fs';
import { StartError } from '../status.ts';
import type { SqlDb } from './driver.ts';

interface Migration {
  version: number;
  sql: string;
}

function readMigrations(): Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, folder), 'utf8') }));
}

/** @throws StartError when the file was made by a newer version. */
export function migrate(db: SqlDb, path: string): void {
  const migrations = readMigrations();
  const newest = migrations.at(-1)?.version ?? 0;
  const present = Number(db.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (present > newest) {
    throw new StartError(
      `${path} was written by a newer version (schema ${present}, known is ${newest}): update the server`,
    );
  }
  for (const { version, sql } of migrations) {
    if (version <= present) continue;
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${version}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
}
