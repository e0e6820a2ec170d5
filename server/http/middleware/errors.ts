/** Every refusal leaves in one form. What was not meant for a caller is logged with its stack and answered as INTERNAL. */
import { AppError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { StoreUnavailableError } from '../../store/status.ts';
import { internal, storeUnavailable } from '../http-errors.ts';
import { localeOf } from '../language.ts';
import type { HttpContext, HttpMiddleware } from '../state.ts';

export function errors(logger: Logger): HttpMiddleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (thrown) {
      const error = toAppError(thrown);
      const left = ctx.req.destroyed && !ctx.req.complete;
      if (error.code === 'INTERNAL' && !left) {
        logger.error(
          { err: thrown, requestId: ctx.state.requestId, route: ctx.state.route },
          'request failed',
        );
      } else if (error.status >= 500) {
        logger.warn(
          { code: error.code, requestId: ctx.state.requestId, reason: reasonOf(error) },
          'request refused',
        );
      }
      answerError(ctx, error);
    }
  };
}

function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof StoreUnavailableError) return storeUnavailable(thrown);
  return internal(thrown);
}

function answerError(ctx: HttpContext, error: AppError): void {
  const zh = localeOf(ctx) === 'zh-CN';
  const details = error.localDetails(zh);
  ctx.status = error.status;
  const retryAfter = error.retryAfter ?? (error.status === 429 || error.status === 503 ? 1 : undefined);
  if (retryAfter !== undefined) ctx.set('Retry-After', String(Math.max(1, Math.ceil(retryAfter))));
  if (error.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
  ctx.set('Content-Language', zh ? 'zh-CN' : 'en');
  ctx.body = {
    error: {
      ...error.facts,
      code: error.code,
      message: zh ? error.words.zh : error.words.en,
      ...(details.length > 0 && { details }),
      requestId: ctx.state.requestId,
    },
  };
}

const reasonOf = (error: AppError): string | undefined =>
  error.cause instanceof Error ? error.cause.message : undefined;
