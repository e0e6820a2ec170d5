import type { JsonValue } from '../../shared/task.ts';
import type { ActionHttpAnswer } from './action.ts';

/**
 * The JSON value of an answer; undefined when it is none. Read by its content type, and also when the text begins
 * like an object or a list: many services send JSON as text/html or text/plain.
 */
export function parseAnswer({ headers, text }: ActionHttpAnswer): JsonValue | undefined {
  const saysJson = /^\s*(application\/json|[^;\s]+\+json)\s*(;|$)/i.test(headers['content-type'] ?? '');
  if (!saysJson && !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
