/** What the HTTP floor itself refuses, in words for people. */
import { AppError, type AppErrorDetail } from '../lib/errors.ts';

export const notFound = () =>
  new AppError('NOT_FOUND', { zh: '没有这个地址', en: 'There is nothing at this address' });

export const methodNotAllowed = () =>
  new AppError('METHOD_NOT_ALLOWED', {
    zh: '这个地址不支持该请求方法',
    en: 'This address does not support that method',
  });

export const bodyInvalid = (details: AppErrorDetail[]) => {
  const where = details[0]?.path ?? '';
  return new AppError(
    'BODY_INVALID',
    {
      zh: where === '' ? '请求内容有误' : `请求内容有误：${where}`,
      en: where === '' ? 'The request body is not valid' : `The request body is not valid: ${where}`,
    },
    { details },
  );
};

export const queryInvalid = (details: AppErrorDetail[]) =>
  new AppError('QUERY_INVALID', { zh: '查询参数有误', en: 'The query is not valid' }, { details });

export const cursorInvalid = (details: AppErrorDetail[]) =>
  new AppError('CURSOR_INVALID', { zh: '翻页位置无效', en: 'The cursor is not valid' }, { details });

export const idInvalid = (path: string) =>
  new AppError(
    'ID_INVALID',
    { zh: '编号无效', en: 'The id is not valid' },
    { details: [{ path, message: { zh: '不是有效的编号', en: 'is not a valid id' } }] },
  );

export const keyInvalid = () =>
  new AppError('IDEMPOTENCY_KEY_INVALID', {
    zh: 'Idempotency-Key 须为 1–128 个可见 ASCII 字符',
    en: 'Idempotency-Key must be 1 to 128 visible ASCII characters',
  });

export const jsonInvalid = () =>
  new AppError('JSON_INVALID', { zh: '请求内容不是有效的 JSON', en: 'The request body is not valid JSON' });

export const bodyTooLarge = (limit: number) =>
  new AppError('BODY_TOO_LARGE', {
    zh: `请求内容超过 ${limit / 1024} KiB`,
    en: `The request body is larger than ${limit / 1024} KiB`,
  });

export const mediaTypeUnsupported = () =>
  new AppError('MEDIA_TYPE_UNSUPPORTED', {
    zh: '请求内容须为 application/json',
    en: 'The request body must be application/json',
  });

export const rateLimited = (retryAfter: number) =>
  new AppError(
    'RATE_LIMITED',
    { zh: '请求太频繁，请稍后再试', en: 'Too many requests; please try again later' },
    { retryAfter },
  );

export const storeUnavailable = (cause?: unknown) =>
  new AppError(
    'STORE_UNAVAILABLE',
    {
      zh: '服务暂时不可用，请稍后再试',
      en: 'The service is not available right now; please try again shortly',
    },
    { retryAfter: 1, cause },
  );

export const internal = (cause: unknown) =>
  new AppError('INTERNAL', { zh: '服务器出了点问题', en: 'Something went wrong on the server' }, { cause });

export const requiresRefused = () =>
  new AppError(
    'ACCESS_DENIED',
    { zh: '只有运维人员可以设置运行权限', en: 'Only operators may set who may run a task' },
    { details: [{ path: 'requires', message: { zh: '须为 null', en: 'must be null' } }] },
  );

export const actionUnsupported = () =>
  new AppError(
    'ACTION_UNSUPPORTED',
    { zh: '暂不支持这种动作', en: 'This kind of action is not supported yet' },
    {
      details: [
        { path: 'action.kind', message: { zh: '须为 http 或 handler', en: 'must be http or handler' } },
      ],
    },
  );
