/** Chinese unless the caller prefers English. */
import type { Context } from 'koa';

export const localeOf = (ctx: Pick<Context, 'acceptsLanguages'>): 'zh-CN' | 'en' =>
  ctx.acceptsLanguages('zh', 'en') === 'en' ? 'en' : 'zh-CN';
