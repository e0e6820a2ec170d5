/** Signing in and the profile. */
import * as z from 'zod';
import { isZoneName } from '../../tasks/schedule-zone-name.ts';
import { name, text } from './common.ts';
import { say } from './field-words.ts';
import { runSummary } from './run.ts';
import { task } from './task.ts';

const locale = z.enum(['zh-CN', 'en']);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, say('clockTime'));
const quietHours = z
  .strictObject({
    from: clockTime,
    to: clockTime,
    timezone: text(1, 64).refine(isZoneName, say('timezone')),
  })
  .meta({ id: 'QuietHours' });

export const user = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    locale,
    attrs: z.array(z.string()),
    quietHours: quietHours.nullable(),
    createdAt: z.int(),
  })
  .meta({ id: 'User' });

export const loginRequest = z.strictObject({ code: text(1, 256) }).meta({ id: 'LoginRequest' });
export const refreshRequest = z.strictObject({ refreshToken: text(1, 512) }).meta({ id: 'RefreshRequest' });

export const loginResponse = z
  .strictObject({
    accessToken: z.string(),
    expiresIn: z.int().meta({ description: 'seconds' }),
    refreshToken: z.string(),
    user,
  })
  .meta({ id: 'LoginResponse' });

export const mePatch = z
  .strictObject({
    name: name.optional(),
    locale: locale.optional(),
    quietHours: quietHours.nullable().optional(),
  })
  .meta({ id: 'MePatch' });

export const meExport = z
  .strictObject({
    exportedAt: z.int(),
    user,
    tasks: z.array(task),
    runs: z.array(runSummary).meta({ description: 'the newest 500' }),
  })
  .meta({ id: 'MeExport' });
