import { setTimeout as wait } from 'node:timers/promises';

/**
 * Asks again and again until the condition answers something true, and answers that. What the condition throws counts as
 * "not yet" (servers are being killed here) and is told when the time is over.
 */
export async function until<T>(
  what: string,
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  { timeoutMs = 20_000, everyMs = 100 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const startedAt = performance.now();
  let last: unknown;
  for (;;) {
    try {
      const answer = await condition();
      last = answer;
      if (answer !== false && answer !== null && answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() - startedAt > timeoutMs) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
    }
    await wait(everyMs);
  }
}

/** A length that is part of the test itself, such as how long a server lies dead; not for waiting on something. */
export const lasting = (ms: number): Promise<void> => wait(ms);
