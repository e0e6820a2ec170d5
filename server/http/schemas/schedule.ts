/** Schedules: the form only. What a pattern or a zone means is judged by the service (422). */
import * as z from 'zod';
import { instant, int, length, text } from './common.ts';

const bounds = {
  calendar: z.enum(['all', 'cn_workdays', 'cn_holidays']).optional(),
  startAt: instant.nullable().optional(),
  endAt: instant.nullable().optional(),
  maxSlots: int(1, 1_000_000_000).nullable().optional(),
  spreadMs: length(0, 86_400_000)
    .meta({ description: 'below the shortest interval of the schedule' })
    .optional(),
};

const cronSchedule = z
  .strictObject({
    kind: z.literal('cron'),
    cron: text(1, 120),
    timezone: text(1, 64).optional(),
    ...bounds,
  })
  .meta({
    id: 'CronSchedule',
    description: 'A pattern of 5 fields, 6 (seconds first) or 7 (a year last) in a time zone',
  });

const everySchedule = z
  .strictObject({
    kind: z.literal('every'),
    everyMs: length(1_000),
    anchorAt: int(-8_640_000_000_000_000, 8_640_000_000_000_000).optional(),
    ...bounds,
  })
  .meta({ id: 'EverySchedule', description: 'Slots at anchorAt + k * everyMs' });

const atSchedule = z
  .strictObject({ kind: z.literal('at'), at: instant, ...bounds })
  .meta({ id: 'AtSchedule', description: 'One slot' });

export const schedule = z
  .discriminatedUnion('kind', [cronSchedule, everySchedule, atSchedule])
  .meta({ id: 'Schedule' });
