/** Policies of a task; every field is optional. */
import * as z from 'zod';
import { int, jsonScalar, length, text } from './common.ts';

const DAY = 86_400_000;

export const policy = z
  .strictObject({
    timeoutMs: length(1, DAY).optional(),
    retry: z
      .strictObject({
        maxAttempts: int(1, 20).optional(),
        baseDelayMs: length(0, DAY).optional(),
        maxDelayMs: length(0, DAY).optional(),
      })
      .optional(),
    overlap: z.enum(['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all']).optional(),
    catchUp: z
      .strictObject({
        policy: z.enum(['all', 'latest', 'none']).optional(),
        windowMs: length(0).optional(),
        maxRuns: int(1, 10_000).optional(),
      })
      .optional(),
    lateAfterMs: length(1, 60_000).optional(),
    priority: int(-10, 10).optional(),
    pauseAfterFailures: int(1, 1_000_000).nullable().optional(),
    until: z
      .strictObject({ path: text(1, 200), equals: jsonScalar })
      .nullable()
      .optional(),
  })
  .meta({ id: 'TaskPolicy' });
