/** What the embedded store refuses to start on, each with one line that names the place. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { StoreListener } from '../../../server/store/requests.ts';
import { openDb } from '../../../server/store/sqlite/driver.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import { StartError } from '../../../server/store/status.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { newTask, ownerIn } from '../contract/build.ts';

const listener: StoreListener = {
  onWake: () => undefined,
  onRollback: () => undefined,
  onHealth: () => undefined,
};

/** The line of a refused start. */
async function refusal(dir: string): Promise<string> {
  const store = createSqliteStore({ dir });
  let refused: unknown;
  try {
    await store.start(listener);
    await store.stop();
  } catch (error) {
    refused = error;
  }
  assert.ok(refused instanceof StartError, `refused with a StartError, not ${refused}`);
  assert.equal(refused.message.split('\n').length, 1, 'one line');
  assert.ok(refused.message.includes(dir), `names the place: ${refused.message}`);
  return refused.message;
}

/** A stopped store with something in it. */
async function used(dir: string): Promise<string> {
  const store = createSqliteStore({ dir });
  await store.start(listener);
  const ownerId = ownerIn();
  for (let k = 0; k < 50; k++) await store.createTasks(ownerId, [newTask(ownerId, 1_000)], 100);
  await store.stop();
  return join(dir, 'zhundian.db');
}

it('makes the folder, and says what an acknowledged write survives', async (t) => {
  const dir = join(tempDir(t), 'a', 'b');
  const store = createSqliteStore({ dir });
  const info = await store.start(listener);
  assert.match(info.durability, /power loss/);
  assert.ok(!info.durability.includes('\n'));
  await store.stop();
});

it('refuses a folder that another process uses, and takes it once that is gone', async (t) => {
  const dir = tempDir(t);
  const file = fileURLToPath(new URL('./ack-writer.js', import.meta.url));
  const child = spawn(process.execPath, [file, dir, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  assert.match(await refusal(dir), /in use by another server/);
  child.stdout.resume();
  child.kill('SIGKILL');
  await once(child, 'close');
  const store = createSqliteStore({ dir });
  await store.start(listener);
  await store.stop();
});

it('refuses a second store on the folder in the same process', async (t) => {
  const dir = tempDir(t);
  const store = createSqliteStore({ dir });
  await store.start(listener);
  assert.match(await refusal(dir), /in use/);
  assert.ok((await store.time()) > 0, 'the first one goes on');
  assert.deepEqual(await store.listTasks(ownerIn()), []);
  await store.stop();
});

it('refuses a file that is no database, and leaves it as it is', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'zhundian.db');
  writeFileSync(path, 'these are my holiday notes');
  assert.match(await refusal(dir), /not a store of Zhundian/);
  assert.equal(readFileSync(path, 'utf8'), 'these are my holiday notes');
});

it("refuses another program's database", async (t) => {
  const dir = tempDir(t);
  const db = openDb(join(dir, 'zhundian.db'));
  db.exec('CREATE TABLE notes (text TEXT)');
  db.close();
  assert.match(await refusal(dir), /not a store of Zhundian/);
});

it('refuses a file of a newer version', async (t) => {
  const dir = tempDir(t);
  const db = openDb(await used(dir));
  db.exec('PRAGMA user_version = 9999');
  db.close();
  assert.match(await refusal(dir), /newer version/);
});

it('refuses another number of partitions', async (t) => {
  const dir = tempDir(t);
  const db = openDb(await used(dir));
  db.exec("UPDATE meta SET value = '32' WHERE key = 'partitions'");
  db.close();
  assert.match(await refusal(dir), /32 partitions/);
});

it('refuses a damaged file after a crash', async (t) => {
  const dir = tempDir(t);
  const path = await used(dir);
  const db = openDb(path);
  db.exec("UPDATE meta SET value = '0' WHERE key = 'clean'");
  db.close();
  const file = openSync(path, 'r+');
  const noise = Buffer.alloc(4_096, 0xa5);
  for (let at = 4_096 * 8; at < statSync(path).size; at += 4_096 * 3)
    writeSync(file, noise, 0, noise.length, at);
  closeSync(file);
  assert.match(await refusal(dir), /damaged/);
});

it('refuses a damaged first page', async (t) => {
  const dir = tempDir(t);
  const path = await used(dir);
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(3_000, 0xa5), 0, 3_000, 100);
  closeSync(file);
  await refusal(dir);
});

it('refuses a folder that is a file, and a store file that is a folder', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'file'), '');
  await refusal(join(dir, 'file'));
  mkdirSync(join(dir, 'zhundian.db'));
  await refusal(dir);
});
