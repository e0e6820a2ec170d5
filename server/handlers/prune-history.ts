import { z } from 'zod';
import { ok } from '../actions/action.ts';
import { defineHandler } from './define-handler.ts';

/** Removes the owner's ended runs and logs beyond an age; verdicts and counters stay. */
export const pruneHistory = defineHandler({
  name: 'pruneHistory',
  title: { zh: '清理历史', en: 'Prune history' },
  description: {
    zh: '删除 days 天前结束的执行记录与日志；判定与统计保留。',
    en: 'Removes ended runs and their logs older than the given days; verdicts and counters stay.',
  },
  input: z.strictObject({ days: z.int().min(1).max(3650) }),
  async run({ days }, ctx) {
    const { runs } = await ctx.history.prune(ctx.userId, days, ctx.signal);
    ctx.signal.throwIfAborted(); // it may have stopped between two batches
    ctx.log(`${runs} runs older than ${days} days removed`);
    return ok({ runs });
  },
});
