import type { JsonValue } from '../../shared/task.ts';

/** A run's result takes at most this many UTF-8 bytes of JSON. */
export const MAX_RESULT_BYTES = 4096;

/**
 * What of a result is kept with the run: the value as JSON has it, or `{ truncated: true, bytes, head }` with the
 * whole size and as much of the JSON text's beginning as fits. Undefined becomes null and a BigInt its digits. What
 * JSON cannot hold (a cycle, a throwing `toJSON`) becomes the same envelope with 0 bytes. Never throws.
 */
export function keepResult(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item));
  } catch {
    return { truncated: true, bytes: 0, head: '' };
  }
  if (text === undefined) return null;
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_RESULT_BYTES) return JSON.parse(text) as JsonValue;
  return cutResult(text, bytes);
}

function cutResult(text: string, bytes: number): JsonValue {
  let left = MAX_RESULT_BYTES - Buffer.byteLength(JSON.stringify({ truncated: true, bytes, head: '' }));
  let end = 0;
  for (const point of text) {
    // Within the envelope the text is escaped once more: a quote takes two bytes there.
    left -= Buffer.byteLength(JSON.stringify(point)) - 2;
    if (left < 0) break;
    end += point.length;
  }
  return { truncated: true, bytes, head: text.slice(0, end) };
}
