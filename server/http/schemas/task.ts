/** Tasks: what is asked for and what is answered. */
import * as z from 'zod';
import { action } from './action.ts';
import { attribute, instant, int, name, page } from './common.ts';
import { policy } from './policy.ts';
import { punctuality, recentSlot, runSummary } from './run.ts';
import { schedule } from './schedule.ts';

export const taskState = z.enum(['active', 'paused', 'ended']);
export const health = z.enum(['healthy', 'failing', 'late', 'unknown']);

export const taskCreate = z
  .strictObject({
    name,
    schedule,
    action,
    policy: policy.optional(),
    visibleTo: attribute.nullable().optional(),
  })
  .meta({ id: 'TaskCreate' });

export const taskPatch = z
  .strictObject({
    version: int(1, Number.MAX_SAFE_INTEGER),
    name: name.optional(),
    schedule: schedule.optional(),
    action: action.optional(),
    policy: policy.optional(),
    visibleTo: attribute.nullable().optional(),
  })
  .meta({ id: 'TaskPatch', description: 'version is the one last read; 409 when the task has moved on' });

export const task = z
  .strictObject({
    id: z.string(),
    version: z.int(),
    name: z.string(),
    state: taskState,
    health,
    schedule,
    action,
    policy,
    requires: z.string().nullable(),
    visibleTo: z.string().nullable(),
    createdAt: z.int(),
    updatedAt: z.int(),
    decidedThroughAt: z.int(),
    nextFireAt: z.int().nullable(),
    nominalAt: z.int().nullable(),
    lastRun: runSummary.nullable(),
    punctuality,
    recent: z.array(recentSlot).optional().meta({ description: 'newest first; only when asked for' }),
  })
  .meta({ id: 'Task' });

export const taskPage = page(task)
  .extend({
    counts: z
      .strictObject({ all: z.int(), running: z.int(), troubled: z.int(), paused: z.int() })
      .meta({ id: 'TaskCounts', description: 'Of all my tasks, whatever the filter' }),
  })
  .meta({ id: 'TaskPage' });

export const MAX_BATCH = 1_000;
export const taskBatch = z
  .strictObject({ items: z.array(taskCreate).min(1).max(MAX_BATCH) })
  .meta({ id: 'TaskBatch', description: 'Each item stands alone, its form included' });

export const batchAnswer = z
  .strictObject({
    items: z.array(
      z.union([
        z.strictObject({ ok: z.literal(true), task }),
        z.strictObject({
          ok: z.literal(false),
          error: z.strictObject({ code: z.string(), message: z.string() }),
        }),
      ]),
    ),
  })
  .meta({ id: 'BatchAnswer' });

export const backfillRequest = z
  .strictObject({ fromAt: instant, toAt: instant, all: z.boolean().optional() })
  .meta({ id: 'BackfillRequest' });

export const backfillAnswer = z.strictObject({ runs: z.array(runSummary) }).meta({ id: 'BackfillAnswer' });
