/** What CLUSTER SLOTS says. */

export interface NodeAddress {
  host: string;
  port: number;
}

/** Answers, for a slot, its master; null for a slot without one. Rows: first slot, last slot, [host, port, …] of the master
 * and its replicas (https://redis.io/docs/latest/commands/cluster-slots/). */
export function readSlots(answer: unknown): (slot: number) => NodeAddress | null {
  const rows = (Array.isArray(answer) ? answer : []) as [number, number, [string | null, number]?][];
  return (slot) => {
    const row = rows.find(([first, last]) => slot >= first && slot <= last);
    const [host, port] = row?.[2] ?? [];
    return host && port !== undefined ? { host, port } : null;
  };
}
