/** What schemas cannot say about a task's body. */
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import type { BatchAnswer, TaskCreate } from '../../shared/api.ts';
import { AppError } from '../lib/errors.ts';
import type { Idempotent, TaskService } from '../tasks/services.ts';
import { actionUnsupported, bodyInvalid, requiresRefused } from './http-errors.ts';
import { judge, parseBody } from './parse.ts';
import { UNSUPPORTED_ACTIONS } from './schemas/action.ts';
import { MAX_BATCH, taskCreate } from './schemas/task.ts';

/** Items that are judged before other requests have their turn. */
const JUDGED_A_TURN = 20;

type Item = BatchAnswer['items'][number];

/** Takes `requires: null`, which reading answers, and throws ACCESS_DENIED or ACTION_UNSUPPORTED. */
export function prepareTask(raw: unknown): unknown {
  if (!isObject(raw)) return raw;
  const { requires = null, ...rest } = raw;
  if (requires !== null) throw requiresRefused();
  if (isObject(rest.action) && UNSUPPORTED_ACTIONS.has(rest.action.kind)) throw actionUnsupported();
  return rest;
}

const envelope = z.strictObject({ items: z.array(z.unknown()).min(1).max(MAX_BATCH) });

/** Judges each item by itself and creates those whose form is right; answers stand in the order asked. */
export async function createBatch(
  userId: string,
  raw: unknown,
  locale: 'zh-CN' | 'en',
  tasks: TaskService,
  options: Idempotent,
): Promise<BatchAnswer> {
  const { items } = parseBody(envelope, raw) as { items: unknown[] };
  const judged: ReturnType<typeof judgeItem>[] = [];
  for (const [index, item] of items.entries()) {
    if (index % JUDGED_A_TURN === 0) await setImmediate();
    judged.push(judgeItem(item, locale));
  }
  const good = judged.flatMap((one) => ('input' in one ? [one.input] : []));
  const made = good.length === 0 ? [] : (await tasks.createBatch(userId, good, { ...options, locale })).items;
  let next = 0;
  return { items: judged.map((one) => ('input' in one ? (made[next++] as Item) : one.refused)) };
}

function judgeItem(raw: unknown, locale: 'zh-CN' | 'en'): { input: TaskCreate } | { refused: Item } {
  try {
    const judged = judge(taskCreate, prepareTask(raw));
    if (judged.ok) return { input: judged.value as TaskCreate };
    throw bodyInvalid(judged.details);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const zh = locale === 'zh-CN';
    const [first] = error.localDetails(zh);
    const words = first?.message ?? (zh ? error.words.zh : error.words.en);
    const message = first === undefined || first.path === '' ? words : `${first.path}: ${words}`;
    return { refused: { ok: false, error: { code: error.code, message } } };
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
