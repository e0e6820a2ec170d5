/** Whether this process should be sent work, within a second whatever the store does. */
export interface Readiness {
  ok: boolean;
  why?: string;
}

/** A probe is answered within this long, ms. */
const READY_MS = 1_000;

export async function readiness(ready: () => Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, why: 'no answer within 1 s' }), READY_MS);
  });
  try {
    return await Promise.race([ready(), tooLong]);
  } catch {
    return { ok: false, why: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}
