/** Errors that a caller is meant to see. Anything else becomes INTERNAL at the outer middleware and is logged. */
import { ERROR_CODES, type ErrorCode, type ErrorDetail } from '../../shared/errors.ts';

/** One text in both languages. */
export interface Words {
  zh: string;
  en: string;
}

/** A detail whose message is chosen by the caller's language when it is answered. */
export interface AppErrorDetail {
  path: string;
  message: Words;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly words: Words;
  readonly details: AppErrorDetail[];
  /** Seconds; sent as Retry-After. */
  readonly retryAfter: number | undefined;
  /** Facts for programs that belong beside the code, such as the current version. */
  readonly facts: Record<string, number | string> | undefined;

  constructor(
    code: ErrorCode,
    words: Words,
    more: {
      details?: AppErrorDetail[];
      retryAfter?: number;
      facts?: Record<string, number | string>;
      cause?: unknown;
    } = {},
  ) {
    super(words.en, { cause: more.cause });
    this.code = code;
    this.status = ERROR_CODES[code];
    this.words = words;
    this.details = more.details ?? [];
    this.retryAfter = more.retryAfter;
    this.facts = more.facts;
  }

  /** Details in one language. */
  localDetails(zh: boolean): ErrorDetail[] {
    return this.details.map(({ path, message }) => ({ path, message: zh ? message.zh : message.en }));
  }
}
