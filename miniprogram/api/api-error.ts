import type { ErrorBody, ErrorDetail } from '../../shared/errors';
import type { StringKey, Vars } from '../lib/i18n';
import type { HttpAnswer, WxFailure } from '../lib/wx-port';

/** Codes that the phone itself gives, beside the server's (shared/errors.ts). */
export type ClientErrorCode =
  | 'NETWORK'
  | 'TIMEOUT'
  | 'BAD_ANSWER'
  | 'PRIVACY'
  | 'SIGNED_OUT'
  | 'LOGIN_FAILED'
  | 'SERVER_UNSET';

/** Why a request failed. `message` is for people, in their language; `code` is for programs. */
export class ApiError extends Error {
  readonly code: string;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What is wrong with which field. */
  readonly details: ErrorDetail[];
  readonly requestId: string | null;
  /** When to come back, where the server said so. */
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    more: { status?: number; details?: ErrorDetail[]; requestId?: string; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = more.status ?? 0;
    this.details = more.details ?? [];
    this.requestId = more.requestId ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** Texts for errors that the phone gives. */
export type Say = (key: StringKey, vars?: Vars) => string;

const MESSAGES: Record<Exclude<ClientErrorCode, 'SERVER_UNSET'>, StringKey> = {
  NETWORK: 'errors.network',
  TIMEOUT: 'errors.timeout',
  BAD_ANSWER: 'errors.badAnswer',
  PRIVACY: 'errors.privacy',
  SIGNED_OUT: 'errors.signedOut',
  LOGIN_FAILED: 'errors.login',
};

/** An error that the phone gives. */
export function clientError(code: keyof typeof MESSAGES, say: Say, status = 0): ApiError {
  return new ApiError(code, say(MESSAGES[code]), { status });
}

/**
 * Why WeChat made no call. 103 and 104: the privacy guidelines were refused, or not yet agreed to
 * (developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/PrivacyAuthorize.html).
 */
export function failureError(failure: unknown, say: Say): ApiError {
  const { errMsg, errno } = parseFailure(failure);
  if (errno === 103 || errno === 104 || /privacy|api scope is not declared/i.test(errMsg)) {
    return clientError('PRIVACY', say);
  }
  return clientError(/time ?out/i.test(errMsg) ? 'TIMEOUT' : 'NETWORK', say);
}

/** The error that an answer with a status outside 200 to 299 stands for. */
export function answerError({ status, headers, body }: HttpAnswer, say: Say): ApiError {
  const retryAfter = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter * 1000 : null;
  if (!isErrorBody(body)) {
    // A proxy or gateway spoke, not the server.
    const known = clientError(status >= 502 && status <= 504 ? 'NETWORK' : 'BAD_ANSWER', say);
    return new ApiError(known.code, known.message, { status, retryAfterMs });
  }
  const { code, message, requestId, details } = body.error;
  return new ApiError(code, message, { status, details: parseDetails(details), requestId, retryAfterMs });
}

function parseFailure(failure: unknown): WxFailure {
  if (typeof failure !== 'object' || failure === null) return { errMsg: String(failure), errno: null };
  const { errMsg, errno } = failure as Partial<WxFailure>;
  return { errMsg: String(errMsg ?? ''), errno: typeof errno === 'number' ? errno : null };
}

function isErrorBody(body: unknown): body is ErrorBody {
  const error = (body as Partial<ErrorBody> | null | undefined)?.error;
  return typeof error?.code === 'string' && typeof error.message === 'string';
}

function parseDetails(details: unknown): ErrorDetail[] {
  return Array.isArray(details) ? details.filter((item) => typeof item?.path === 'string') : [];
}
