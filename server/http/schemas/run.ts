/** Runs, slots, verdicts and counters as they are answered. */
import * as z from 'zod';
import { SKIP_REASONS } from '../../../shared/run.ts';
import { jsonValue, page } from './common.ts';

const at = z.int();
const maybe = z.int().nullable();

export const runState = z.enum([
  'held',
  'queued',
  'running',
  'retry_wait',
  'cancelling',
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
]);

const runError = z.strictObject({ code: z.string(), message: z.string() });

const summary = {
  id: z.string(),
  taskId: z.string(),
  trigger: z.enum(['slot', 'manual', 'backfill']),
  state: runState,
  verdict: z.enum(['fired', 'caught_up']).nullable(),
  plannedAt: at,
  lateByMs: maybe,
  startedAt: maybe,
  endedAt: maybe,
};
export const runSummary = z.strictObject(summary).meta({ id: 'RunSummary' });

const attempt = z
  .strictObject({
    n: z.int(),
    fence: z.int(),
    worker: z.string(),
    startedAt: at,
    endedAt: maybe,
    outcome: z.enum(['succeeded', 'failed', 'timed_out', 'cancelled', 'lost', 'released']).nullable(),
    error: runError.nullable(),
  })
  .meta({ id: 'Attempt' });

export const run = z
  .strictObject({
    ...summary,
    retryOf: z.string().nullable(),
    nominalAt: at,
    waitedMs: z.int(),
    queuedAt: maybe,
    retryAt: maybe,
    progress: z.number().nullable(),
    result: jsonValue,
    error: runError.nullable(),
    attempts: z.array(attempt),
  })
  .meta({ id: 'Run' });

export const logLine = z
  .strictObject({ at, attempt: z.int(), level: z.enum(['info', 'warn', 'error']), text: z.string() })
  .meta({ id: 'LogLine' });

const skipReason = z.enum(SKIP_REASONS);

export const slotItem = z
  .strictObject({
    plannedAt: at,
    toAt: at,
    count: z.int(),
    verdict: z.enum(['fired', 'caught_up', 'skipped']),
    reason: skipReason.nullable(),
    runId: z.string().nullable(),
    lateByMs: maybe,
  })
  .meta({ id: 'SlotItem' });

export const recentSlot = z
  .strictObject({
    plannedAt: at,
    count: z.int(),
    verdict: z.enum(['fired', 'caught_up', 'skipped']).nullable(),
    reason: skipReason.nullable(),
    runId: z.string().nullable(),
    state: runState.nullable(),
    lateByMs: maybe,
    late: z.boolean(),
    progress: z.number().nullable(),
  })
  .meta({ id: 'RecentSlot' });

export const audit = z
  .strictObject({
    fromAt: at,
    toAt: at,
    planned: z.int(),
    fired: z.int(),
    caughtUp: z.int(),
    skipped: z.partialRecord(skipReason, z.int()),
    unaccounted: z.int(),
    unproven: z
      .int()
      .optional()
      .meta({ description: 'the same, where other zone or calendar data had planned; absent when 0' }),
    ok: z.boolean(),
    folded: z.boolean(),
  })
  .meta({ id: 'Audit' });

export const punctuality = z
  .strictObject({
    onTimePct: z.number().nullable(),
    p50Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
  })
  .meta({ id: 'Punctuality' });

export const dayStats = z
  .strictObject({
    day: z.string(),
    planned: z.int(),
    onTime: z.int(),
    late: z.int(),
    caughtUp: z.int(),
    skipped: z.int(),
    succeeded: z.int(),
    failed: z.int(),
  })
  .meta({ id: 'DayStats' });

export const stats = z.strictObject({ days: z.array(dayStats), punctuality }).meta({ id: 'Stats' });

export const runPage = page(runSummary).meta({ id: 'RunPage' });
export const slotPage = page(slotItem).meta({ id: 'SlotPage' });
export const logLines = z.strictObject({ items: z.array(logLine) }).meta({ id: 'LogLines' });
