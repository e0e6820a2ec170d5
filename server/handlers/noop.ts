import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ok } from '../actions/action.ts';
import { monotonicMs } from '../lib/clock.ts';
import { defineHandler } from './define-handler.ts';

const input = z.strictObject({
  waitMs: z.int().min(0).max(600_000).default(0),
  failTimes: z.int().min(0).max(100).default(0),
  log: z.string().max(1000).optional(),
});

/** Does nothing, for a chosen time and with a chosen number of failures: to try a schedule and its policies out. */
export const noop = defineHandler({
  name: 'noop',
  title: { zh: '空操作', en: 'No operation' },
  description: {
    zh: '等待 waitMs 毫秒；前 failTimes 次尝试失败；可写一行日志。用于试验计划与重试。',
    en: 'Waits waitMs, fails the first failTimes attempts, may log a line. To try schedules and retries out.',
  },
  input,
  async run({ waitMs, failTimes, log }, ctx) {
    if (log !== undefined) ctx.log(log);
    const startedMs = monotonicMs();
    // A hundred steps, but no more than the five a second that are sent to phones.
    const stepMs = Math.max(200, Math.ceil(waitMs / 100));
    for (let passedMs = 0; passedMs < waitMs; passedMs += stepMs) {
      ctx.progress(Math.floor((passedMs / waitMs) * 100));
      await waitOrAbort(Math.min(stepMs, waitMs - passedMs), ctx.signal);
    }
    ctx.signal.throwIfAborted();
    if (ctx.attempt <= failTimes) throw new Error(`attempt ${ctx.attempt} fails as asked: ${failTimes} do`);
    ctx.progress(100);
    return ok({ attempt: ctx.attempt, waitedMs: Math.round(monotonicMs() - startedMs) });
  },
});

/** Rejects with the signal's own reason, which says whether it was a timeout or a cancel. */
async function waitOrAbort(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}
