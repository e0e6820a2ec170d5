/** What a schedule would do, and which handlers there are. */
import * as z from 'zod';
import { int, page, taskId } from './common.ts';
import { schedule } from './schedule.ts';

export const previewRequest = z
  .strictObject({ schedule, count: int(1, 50).optional(), taskId: taskId.optional() })
  .meta({ id: 'PreviewRequest' });

export const previewAnswer = z
  .strictObject({
    fires: z.array(z.strictObject({ plannedAt: z.int(), nominalAt: z.int(), local: z.string() })),
    words: z.string(),
    warnings: z.array(
      z.strictObject({
        code: z.enum(['DST_GAP', 'DST_OVERLAP', 'NEVER_FIRES', 'CLOSER_THAN_RUN', 'CALENDAR_NOT_COVERED']),
        message: z.string(),
        at: z.int().nullable(),
      }),
    ),
    spread: z.strictObject({ withinMs: z.int(), offsetMs: z.int().nullable() }).optional(),
  })
  .meta({ id: 'PreviewAnswer' });

export const handlerPage = page(
  z
    .strictObject({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      input: z.unknown().meta({ description: 'JSON Schema of the input' }),
    })
    .meta({ id: 'HandlerInfo' }),
).meta({ id: 'HandlerPage' });
