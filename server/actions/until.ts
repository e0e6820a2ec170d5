import type { UntilCondition } from '../../shared/task.ts';
import { parsePath, readPath } from './json-path.ts';

/**
 * Whether a run's whole result (not the one cut for keeping) holds the value that ends its task. Compared strictly:
 * `1` is not `"1"`, and a missing value is not `null`. No condition, or one with a bad path, is never met.
 */
export function untilMet(result: unknown, until: UntilCondition | null | undefined): boolean {
  if (until === null || until === undefined) return false;
  const path = parsePath(until.path);
  return path !== null && readPath(result, path) === until.equals;
}
