/**
 * What is new in a partition, by pub/sub on its live channel: `e` after a step that wrote events, else the progress and
 * log lines of a run as JSON, written by lua/append-run-log.lua. Best effort.
 */
import type { RunLogNews } from '../requests.ts';

export type LiveNews = { kind: 'events' } | { kind: 'run_log'; news: RunLogNews };

/** Null for a text that is not one of ours. */
export function parseLiveNews(partition: number, text: string): LiveNews | null {
  if (text === 'e') return { kind: 'events' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { runId, progress, lines } = value as Partial<RunLogNews>;
  if (typeof runId !== 'string' || !Array.isArray(lines)) return null;
  if (progress !== null && typeof progress !== 'number') return null;
  return { kind: 'run_log', news: { partition, runId, progress, lines } };
}
