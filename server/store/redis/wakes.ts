/** Wakes by pub/sub: short texts that scripts publish, `r|15`, `d|15|1795…`, `c|15|<runId>`. */
import { PARTITIONS } from '../ids.ts';
import type { Wake } from '../requests.ts';

/** Null for a text that is not one of ours. */
export function parseWake(text: string): Wake | null {
  const parts = /^(?:r\|(\d+)|d\|(\d+)\|(\d+)|c\|(\d+)\|(.+))$/.exec(text);
  if (parts === null) return null;
  const [, ready, due, at, cancel, runId] = parts;
  const partition = Number(ready ?? due ?? cancel);
  if (partition >= PARTITIONS) return null;
  if (ready !== undefined) return { kind: 'ready', partition };
  if (due !== undefined) return { kind: 'due', partition, at: Number(at) };
  return { kind: 'cancel', partition, runId: runId as string };
}
