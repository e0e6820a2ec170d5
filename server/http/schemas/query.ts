/** Query strings: every parameter is text, comes once, and unknown ones are refused. */
import * as z from 'zod';
import { MOST_RECENT } from '../../tasks/recent.ts';
import { taskId, text } from './common.ts';
import { say } from './field-words.ts';
import { runState } from './run.ts';
import { health, taskState } from './task.ts';

const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/, say('integer'))
    .transform(Number)
    .pipe(z.int().min(min).max(max))
    .meta({ override: { type: 'integer', minimum: min, maximum: max } });

const at = whole(0, 8_640_000_000_000_000).optional();

const paging = {
  limit: whole(1, 100).default(20).meta({ description: 'default 20' }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,512}$/, say('cursor'))
    .optional(),
};

const search = text(1, 64).optional();

/** A filter that is on or absent. */
const flag = z
  .literal('true', say('flag'))
  .transform((): true => true)
  .optional();

const recent = whole(1, MOST_RECENT)
  .optional()
  .meta({ description: 'so many of the last slots and runs with each task; absent: none' });

export const taskQuery = z.strictObject({
  ...paging,
  scope: z.enum(['own', 'watched', 'available']).optional(),
  state: taskState.optional(),
  health: health.optional(),
  live: flag.meta({ description: 'only tasks with an unended slot run' }),
  troubled: flag.meta({ description: 'only tasks whose health is failing or late' }),
  q: search,
  recent,
});

export const oneTaskQuery = z.strictObject({ recent });

export const runQuery = z.strictObject({
  ...paging,
  state: runState.optional(),
  taskId: taskId.optional(),
  q: search,
});

export const taskRunQuery = z.strictObject({ ...paging, state: runState.optional() });

export const slotQuery = z.strictObject({ ...paging, fromAt: at, toAt: at });

export const rangeQuery = z.strictObject({ fromAt: at, toAt: at });

export const statsQuery = z.strictObject({
  days: whole(1, 90).default(30).meta({ description: 'default 30, today included' }),
});

export const noQuery = z.strictObject({});
