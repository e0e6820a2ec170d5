/**
 * Ids and partitions. Whatever belongs to an owner lives in the owner's partition; task and run ids begin with two hex
 * digits naming it, so that any server can route an id without a lookup. The same on both stores.
 */
import { createHash, randomBytes } from 'node:crypto';

/** Kept in the store when it is made; a store with another number is refused. */
export const PARTITIONS = 16;

/** 0 to PARTITIONS - 1, by SHA-256 of the owner id. */
export function partitionOfOwner(ownerId: string): number {
  return (createHash('sha256').update(ownerId).digest()[0] as number) % PARTITIONS;
}

/** The partition named by a task or run id, or null when the id cannot be one of ours. */
export function partitionOfId(id: string): number | null {
  const partition = /^[0-9a-f]{2}[0-9a-z]/.test(id) ? Number.parseInt(id.slice(0, 2), 16) : -1;
  return partition >= 0 && partition < PARTITIONS ? partition : null;
}

const prefix = (ownerId: string) => partitionOfOwner(ownerId).toString(16).padStart(2, '0');

/** A new task id: random, or derived from a seed (an idempotency key) so that a repeat gives the same. 18 characters. */
export function newTaskId(ownerId: string, seed?: string): string {
  const bytes = seed === undefined ? randomBytes(10) : hash(`${ownerId}\0task\0${seed}`);
  return prefix(ownerId) + base32(bytes).slice(0, 16);
}

/** The id of a slot, and of the run that it asks for. */
export const slotRunId = (taskId: string, plannedAt: number): string => `${taskId}:${plannedAt}`;

/** The id of a run that a person asked for: random, or derived from a seed. */
export function askedRunId(taskId: string, trigger: 'manual' | 'backfill', seed?: string): string {
  const bytes = seed === undefined ? randomBytes(10) : hash(`${taskId}\0${trigger}\0${seed}`);
  return `${taskId}:${trigger}:${base32(bytes).slice(0, 16)}`;
}

/** The task of a run id. */
export const taskIdOfRun = (runId: string): string => runId.slice(0, runId.indexOf(':'));

/** Task ids are two hex digits and 16 of base32. */
export const isTaskId = (id: string): boolean =>
  /^[0-9a-f]{2}[a-z2-7]{16}$/.test(id) && partitionOfId(id) !== null;

/** Run ids are a task id with a slot, or with how they were asked for. */
export const isRunId = (id: string): boolean =>
  isTaskId(id.slice(0, 18)) && /^:(\d{1,16}|manual:[a-z2-7]{16}|backfill:[a-z2-7]{16})$/.test(id.slice(18));

const hash = (text: string) => createHash('sha256').update(text).digest();

/** RFC 4648 base32, lower case, no padding: safe in URLs, keys and Lua patterns. */
function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let text = '';
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      text += 'abcdefghijklmnopqrstuvwxyz234567'[(value >>> (bits - 5)) & 31];
      bits -= 5;
    }
    value &= 0xff;
  }
  return text;
}
