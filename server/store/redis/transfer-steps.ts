/** What a move reads out and puts in. See transfer.ts. */
import type { Redis } from 'ioredis';
import { PARTITIONS, partitionOfId, partitionOfOwner, taskIdOfRun } from '../ids.ts';
import { decodeMark, encodeMark } from '../mark.ts';
import type { StoreRoom, TransferSteps } from '../transfer.ts';
import { decodeName, encodeName, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import { decodeRun } from './run-codec.ts';
import { decodeTask } from './task-codec.ts';
import { encodeDay, encodeRun, encodeTask, encodeVerdict } from './transfer-codec.ts';

const MOST_IDS = 100;
const MOST_READY = 1_000;
const MOST_VERDICTS = 1_000;

export function createTransferSteps({ link, keys }: { link: Link; keys: Keys }): TransferSteps {
  const readMark = async () => decodeMark(await link.command((client) => client.hget(keys.meta, 'mark')));

  return {
    readMark,
    async writeMark(mark) {
      await link.command<unknown>((client) =>
        mark === null ? client.hdel(keys.meta, 'mark') : client.hset(keys.meta, 'mark', encodeMark(mark)),
      );
    },
    async room() {
      const servers = 'nodes' in link.client ? link.client.nodes('master') : [link.client];
      const rooms = await link.command(() => Promise.all(servers.map(roomOf)));
      const free = rooms.map(({ freeBytes }) => freeBytes);
      return {
        usedBytes: rooms.reduce((sum, { usedBytes }) => sum + usedBytes, 0),
        freeBytes: free.includes(null) ? null : free.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
      };
    },

    async listDocumentLists(partition, after) {
      const answer = await link.read('list-document-lists', keys.partition(partition), [after ?? '0']);
      const [cursor, names] = answer as [string, string[]];
      const lists = names.map((name) => {
        const [kind, owner] = name.split(':') as [string, string];
        return { ownerId: decodeName(owner), kind: decodeName(kind) };
      });
      return { lists, next: cursor === '0' ? null : cursor };
    },
    async exportTasks(taskIds) {
      const partition = partitionOf(taskIds, MOST_IDS);
      if (partition === null) return [];
      const flat = (await link.read('export-tasks', keys.partition(partition), taskIds)) as string[];
      return inGroups(flat, 5).map(([definition, hot, id, fingerprint, pauseAfter]) => ({
        task: decodeTask(id as string, definition as string, hot as string),
        fingerprint: decodeName(fingerprint as string),
        pauseAfterFailures: pauseAfter === '-' ? null : Number(pauseAfter),
      }));
    },
    async exportRuns(runIds) {
      const partition = partitionOf(runIds, MOST_IDS);
      if (partition === null) return [];
      const flat = (await link.read('export-runs', keys.partition(partition), runIds)) as string[];
      return inGroups(flat, 8).map(([id, owner, text, day, attempt, fence, failures, losses]) => ({
        run: decodeRun(id as string, decodeName(owner as string), text as string),
        day: day === '-' ? null : (day as string),
        attempt: Number(attempt),
        fence: Number(fence),
        failures: Number(failures),
        losses: Number(losses),
      }));
    },

    async clear() {
      if ((await readMark())?.kind !== 'arriving')
        throw new Error('only a store that a move writes may be cleared');
      for (let partition = 0; partition < PARTITIONS; partition++) {
        let cursor = '0';
        do {
          cursor = (await link.read('clear-partition', keys.partition(partition), [cursor])) as string;
        } while (cursor !== '0');
      }
    },
    async importDocument(ownerId, kind, { id, version, value, expiresAt }) {
      const args = [
        encodeName(ownerId),
        encodeName(kind),
        id,
        version,
        expiresAt ?? '-',
        JSON.stringify(value),
      ];
      await link.step('import-document', partitionOfOwner(ownerId), args);
    },
    async importTask(given, closed, days) {
      const { id, ownerId } = given.task;
      const partition = partitionOfOwner(ownerId);
      if (partitionOfId(id) !== partition) throw new Error(`task ${id} is not in its owner's partition`);
      // Before the task: its record is what a repeat goes by.
      const fields = Object.assign({}, ...days.map(encodeDay)) as Record<string, number>;
      const key = keys.of(partition, 'DAYS', id);
      if (Object.keys(fields).length > 0) await link.command((client) => client.hset(key, fields));
      await link.step('import-task', partition, encodeTask(given, closed));
    },
    async importRuns(runs) {
      const partition = partitionOf(
        runs.map(({ run }) => run.id),
        MOST_IDS,
      );
      if (partition !== null) await link.step('import-runs', partition, runs.flatMap(encodeRun));
    },
    async importRunLog(runId, lines) {
      const partition = partitionOf([runId], 1);
      if (partition === null) return;
      const texts = lines.map((line) => JSON.stringify(line));
      await link.step('import-run-log', partition, [runId, ...texts]);
    },
    async importReady(runIds) {
      const partition = partitionOf(runIds, MOST_READY);
      if (partition !== null) await link.step('import-ready', partition, runIds);
    },
    async importVerdicts(taskId, records) {
      if (records.length > MOST_VERDICTS) throw new Error('more than 1,000 verdicts');
      const partition = partitionOf([taskId], 1);
      if (partition !== null)
        await link.step('import-verdicts', partition, [taskId, ...records.map(encodeVerdict)]);
    },
  };
}

/** Of ids that must be of one partition; null for none. */
function partitionOf(ids: readonly string[], most: number): number | null {
  if (ids.length > most) throw new Error(`more than ${most} ids`);
  const [first] = ids;
  if (first === undefined) return null;
  const partition = partitionOfId(first.includes(':') ? taskIdOfRun(first) : first);
  if (partition === null || ids.some((id) => partitionOfId(id) !== partition))
    throw new Error('ids of other than one partition');
  return partition;
}

function inGroups(flat: readonly string[], size: number): string[][] {
  const groups: string[][] = [];
  for (let at = 0; at < flat.length; at += size) groups.push(flat.slice(at, at + size));
  return groups;
}

async function roomOf(server: Redis): Promise<StoreRoom> {
  const info = await server.info('memory');
  const number = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  const [usedBytes, most] = [number('used_memory'), number('maxmemory')];
  return { usedBytes, freeBytes: most === 0 ? null : Math.max(0, most - usedBytes) };
}
