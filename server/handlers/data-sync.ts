import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonValue } from '../../shared/task.ts';
import { fail, ok, type PathStep, parsePath, readPath, retryAfter } from '../actions/action.ts';
import { defineHandler } from './define-handler.ts';

const MAX_ITEMS = 2_000;
const MAX_ITEMS_BYTES = 1_048_576;
const MAX_ID_LENGTH = 200;

const path = z
  .string()
  .refine((text) => parsePath(text) !== null, { error: 'not a path such as $.data[0].id' });

const input = z.strictObject({
  from: z.url({ protocol: /^https?$/ }).max(2048),
  itemsPath: path.default('$'),
  idPath: path.default('$.id'),
});

/** Pulls a JSON list, keeps it with the task, and reports what changed since the last time. */
export const dataSync = defineHandler({
  name: 'dataSync',
  title: { zh: '定时同步', en: 'Data sync' },
  description: {
    zh: '从 from 拉取 JSON 列表（itemsPath），按 idPath 识别并保存，报告新增、变化与删除的数量。',
    en: 'Pulls a JSON list (itemsPath) from an address, keeps it by id (idPath), reports added, changed, removed.',
  },
  input,
  urls: ({ from }) => ({ from }),
  async run({ from, itemsPath, idPath }, ctx) {
    // Loaded before the list is pulled: a save then never replaces a newer list by an older one.
    const kept = await ctx.sync.load(ctx.userId, ctx.taskId);
    const repeated = kept?.runId === ctx.runId;
    if (repeated && kept.fence > ctx.fence) throw new Error('a newer attempt of this run has saved already');
    const before = (repeated ? kept.before : kept?.hashes) ?? {};

    const answer = await ctx.http.request({ url: from, headers: { accept: 'application/json' } });
    if (answer.status < 200 || answer.status > 299) {
      return retryAfter({ code: 'HTTP_STATUS', message: `status ${answer.status}, expected 200–299` });
    }
    const json = parseJson(answer.text);
    if (json === undefined) return retryAfter({ code: 'HTTP_NOT_JSON', message: 'the answer is not JSON' });
    const list = readPath(json, parsePath(itemsPath)!);
    if (!Array.isArray(list))
      return retryAfter({ code: 'HTTP_VALUE', message: `${itemsPath} is not a list` });
    if (list.length > MAX_ITEMS || Buffer.byteLength(JSON.stringify(list)) > MAX_ITEMS_BYTES) {
      return fail({ code: 'HTTP_TOO_LARGE', message: `more than ${MAX_ITEMS} items or 1 MiB` });
    }
    const items = itemsById(list, parsePath(idPath)!);
    if (items === null) {
      return retryAfter({
        code: 'HTTP_VALUE',
        message: `${idPath} is not a text or number of its own in every item`,
      });
    }

    const hashes = Object.fromEntries([...items].map(([id, item]) => [id, contentHash(item)]));
    const report = compareHashes(before, hashes);
    const next = { revision: (kept?.revision ?? 0) + 1, runId: ctx.runId, fence: ctx.fence, before, hashes };
    ctx.signal.throwIfAborted();
    if (
      !(await ctx.sync.save(ctx.userId, ctx.taskId, kept?.revision ?? 0, next, Object.fromEntries(items)))
    ) {
      throw new Error('another run saved this list meanwhile');
    }
    ctx.log(
      `${report.total} items: ${report.added} added, ${report.changed} changed, ${report.removed} removed`,
    );
    return ok(report);
  },
});

/** How many ids are new, hold other content, or are gone. */
function compareHashes(before: Record<string, string>, after: Record<string, string>) {
  const old = new Map(Object.entries(before));
  const now = Object.entries(after);
  const added = now.filter(([id]) => !old.has(id)).length;
  const changed = now.filter(([id, hash]) => old.has(id) && old.get(id) !== hash).length;
  return { added, changed, removed: old.size - (now.length - added), total: now.length };
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Null when an id is missing, too long or there twice. */
function itemsById(list: JsonValue[], idPath: PathStep[]): Map<string, JsonValue> | null {
  const items = new Map<string, JsonValue>();
  for (const item of list) {
    const id = readPath(item, idPath);
    if (typeof id !== 'string' && typeof id !== 'number') return null;
    const key = String(id);
    if (key === '' || key.length > MAX_ID_LENGTH || items.has(key)) return null;
    items.set(key, item);
  }
  return items;
}

/** The same for equal JSON whatever the order of its keys. */
function contentHash(item: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(item)))
    .digest('base64url')
    .slice(0, 22);
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
