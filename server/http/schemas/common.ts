/** Small pieces that several bodies share. */
import * as z from 'zod';
import type { JsonScalar, JsonValue } from '../../../shared/task.ts';
import { isTaskId } from '../../store/ids.ts';
import { say } from './field-words.ts';

/** The largest instant a Date can hold. */
const MAX_INSTANT = 8_640_000_000_000_000;

/** Text without control characters, not trimmed. */
export const text = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^\P{Cc}*$/u, say('text'));

/** 1 to 64 characters once trimmed. */
export const name = z
  .string()
  .trim()
  .regex(/^\P{Cc}{1,64}$/u, say('name'))
  .meta({ description: '1 to 64 characters, trimmed' });

export const int = (min: number, max: number) => z.int().min(min).max(max);

/** Ms since the Unix epoch. */
export const instant = int(0, MAX_INSTANT).meta({ description: 'ms since the Unix epoch' });

/** A length in ms, at most 366 days unless said otherwise. */
export const length = (min: number, max = 31_622_400_000) => int(min, max);

export const attribute = z
  .string()
  .regex(/^[a-z]+:[A-Za-z0-9_-]{1,64}$/, say('attribute'))
  .meta({ examples: ['role:member'] });

export const jsonScalar: z.ZodType<JsonScalar> = z.union([
  z.string().max(1_024),
  z.number(),
  z.boolean(),
  z.null(),
]);

/** Anything that came out of JSON.parse; depth and odd numbers were judged when the body was read. */
export const jsonValue = z
  .custom<JsonValue>((value) => value !== undefined, say('json'))
  .meta({ override: {}, description: 'any JSON value' });

/** What is kept with every task. */
const MOST_KEPT_BYTES = 16_384;

export const isSmall = (value: unknown) => Buffer.byteLength(JSON.stringify(value) ?? '') <= MOST_KEPT_BYTES;

/** A JSON value that a task keeps. */
export const smallJson = jsonValue
  .refine(isSmall, say('size'))
  .meta({ override: {}, description: 'any JSON value, at most 16 KiB' });

export const taskId = z.string().refine(isTaskId, say('taskId')).meta({ description: 'task id' });

export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

/** The body of calls that need none; phones send `{}`. */
export const nothing = z.strictObject({});
