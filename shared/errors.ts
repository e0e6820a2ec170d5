/** Error codes: for programs, never renamed. One table with the HTTP status; docs/errors.md is tested equal to it. */
export const ERROR_CODES = {
  BODY_INVALID: 400,
  QUERY_INVALID: 400,
  ID_INVALID: 400,
  JSON_INVALID: 400,
  IDEMPOTENCY_KEY_INVALID: 400,
  CURSOR_INVALID: 400,
  AUTH_REQUIRED: 401,
  TOKEN_INVALID: 401,
  TOKEN_EXPIRED: 401,
  REFRESH_INVALID: 401,
  LOGIN_CODE_INVALID: 401,
  ACCESS_DENIED: 403,
  USER_BLOCKED: 403,
  NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TASK_VERSION_CONFLICT: 409,
  TASK_STATE_CONFLICT: 409,
  RUN_STATE_CONFLICT: 409,
  IDEMPOTENCY_KEY_REUSED: 409,
  TASK_LIMIT_REACHED: 409,
  RUN_LIMIT_REACHED: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  SCHEDULE_INVALID: 422,
  SCHEDULE_NEVER_FIRES: 422,
  SCHEDULE_IN_PAST: 422,
  SCHEDULE_UNSUPPORTED: 422,
  TIMEZONE_INVALID: 422,
  ACTION_UNSUPPORTED: 422,
  ADDRESS_FORBIDDEN: 422,
  HANDLER_UNKNOWN: 422,
  HANDLER_INPUT_INVALID: 422,
  POLICY_INVALID: 422,
  RANGE_INVALID: 422,
  RANGE_TOO_LARGE: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  STORE_UNAVAILABLE: 503,
  TASK_BEHIND: 503,
  AUDIT_BUSY: 503,
  WECHAT_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetail {
  /** Where in the input, such as `schedule.cron`. */
  path: string;
  message: string;
}

export interface ErrorBody {
  error: { code: ErrorCode; message: string; details?: ErrorDetail[]; requestId: string };
}

/** Codes found in a run's or attempt's error. An action's own codes may stand beside them. */
export const RUN_ERROR_CODES = {
  TIMEOUT: 'the attempt took longer than timeoutMs',
  WORKER_LOST: 'three workers were lost while running it',
  CANCELLED: 'cancelled by a person, a newer slot, or the end of the task',
  HANDLER_FAILED: 'the handler threw',
  HANDLER_UNKNOWN: 'no handler of that name is installed',
  HTTP_STATUS: 'the status was not one of those expected',
  HTTP_SLOW: 'the answer took longer than expect.maxMs',
  HTTP_VALUE: 'a value in the answer was not the one expected',
  HTTP_NOT_JSON: 'the answer was not JSON though a value was expected',
  HTTP_TOO_LARGE: 'the answer was longer than 256 KiB',
  HTTP_ADDRESS_FORBIDDEN: 'the address is loopback, private, link-local, metadata or the server itself',
  HTTP_UNREACHABLE: 'the name did not resolve or nothing answered',
} as const;

/** Codes of `error` frames on a socket, beside those of the HTTP contract (TASK_NOT_FOUND, STORE_UNAVAILABLE, …). */
export const SOCKET_ERROR_CODES = {
  FRAME_INVALID: 'not JSON, not a known type, or a wrong field',
  TOPIC_INVALID: 'no topic has this name',
  TOPIC_LIMIT_REACHED: 'the socket has as many topics as it may',
} as const;
