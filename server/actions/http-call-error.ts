import type { RUN_ERROR_CODES } from '../../shared/errors.ts';

export type HttpCallErrorCode = Extract<keyof typeof RUN_ERROR_CODES, `HTTP_${string}`>;

/** An HTTP call that gave no usable answer. The message names no header, no body and no query string. */
export class HttpCallError extends Error {
  readonly code: HttpCallErrorCode;

  constructor(code: HttpCallErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HttpCallError';
    this.code = code;
  }
}
