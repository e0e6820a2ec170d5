/** Wakes by pub/sub: short texts that scripts publish, `r|15`, `d|15|1795…`, `c|15|<runId>`. */
import type { Wake } from '../store.ts';

/** Null for a text that is not one of ours. */
export function parseWake(text: string): Wake | null {
  const [kind, number, rest] = text.split('|');
  const partition = Number(number);
  if (!Number.isInteger(partition)) return null;
  if (kind === 'r') return { kind: 'ready', partition };
  if (rest === undefined) return null;
  if (kind === 'd') return { kind: 'due', partition, at: Number(rest) };
  return kind === 'c' ? { kind: 'cancel', partition, runId: rest } : null;
}
