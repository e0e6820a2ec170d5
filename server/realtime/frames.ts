/** Frames: what comes in is checked, what goes out is made once for all who get it. */
import * as z from 'zod';
import type { ClientFrame, Frame, ServerPayloads } from '../../shared/realtime.ts';

/** Bytes of one frame. 200 topics with their positions are about 20 KiB. */
export const MOST_FRAME_BYTES = 65_536;
/** Topics of one subscribe, and of one socket. */
export const MOST_TOPICS = 200;

const topic = z.string().min(1).max(100);
const position = z.strictObject({ epoch: z.string().max(64), seq: z.int().min(0) });
const clientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auth'), payload: z.strictObject({ token: z.string().min(1).max(4_096) }) }),
  z.object({
    type: z.literal('subscribe'),
    payload: z.strictObject({
      id: z.string().min(1).max(64),
      topics: z
        .array(z.strictObject({ topic, after: position.nullable().default(null) }))
        .min(1)
        .max(MOST_TOPICS),
    }),
  }),
  z.object({
    type: z.literal('unsubscribe'),
    payload: z.strictObject({ topics: z.array(topic).min(1).max(MOST_TOPICS) }),
  }),
  z.object({ type: z.literal('ping'), payload: z.object({}).default({}) }),
]);

/** Null for what is not a frame of ours: no JSON, no known type, a wrong or missing field. */
export function parseFrame(text: string): ClientFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = clientFrame.safeParse(value);
  return parsed.success ? (parsed.data as ClientFrame) : null;
}

/** A frame that is not an event's. */
export function answerFrame<T extends keyof ServerPayloads>(
  type: T,
  payload: ServerPayloads[T],
  timestamp: number,
): string {
  return JSON.stringify({ type, payload, timestamp } satisfies Frame);
}

/** An event's frame, as bytes: the same ones go to every listener. */
export function eventFrame(frame: Frame & { topic: string }): Buffer {
  return Buffer.from(JSON.stringify(frame));
}
