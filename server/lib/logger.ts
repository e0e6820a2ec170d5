/** Structured lines on standard output, one JSON object each, without secrets. */
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

const SECRETS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  'token',
  'accessToken',
  'refreshToken',
  'code',
  'secret',
  'session_key',
  'openid',
  '["x-wx-openid"]',
  '["x-wx-unionid"]',
  '["x-wx-from-openid"]',
  '["x-wx-from-unionid"]',
  '["x-wx-cloudbase-access-token"]',
];
/** Objects in which such a name is a secret; `err.code` (ECONNREFUSED and the like) is not one. */
const HOLDERS = [
  'headers',
  'req.headers',
  'res.headers',
  'request.headers',
  'body',
  'req.body',
  'query',
  'config.wechat',
];

const join = (holder: string, name: string) =>
  name.startsWith('[') ? `${holder}${name}` : `${holder}.${name}`;

/** Paths that are masked wherever they are logged. */
export const REDACTED_PATHS: string[] = [
  ...HOLDERS.flatMap((holder) => SECRETS.map((name) => join(holder, name))),
  ...SECRETS.filter((name) => name !== 'code'),
  'jwtSecrets',
  'config.jwtSecrets',
  'redisUrl',
  'config.redisUrl',
  'action.headers',
  'action.body',
  '*.action.headers',
  '*.action.body',
  // What a parser or an HTTP client attaches to its errors.
  'err.body',
  'err.rawBody',
  'err.config',
  'err.request',
  'err.response',
];

/** A pino logger; `destination` is for tests. */
export function createLogger(options: { level: string; destination?: DestinationStream }): Logger {
  const settings = {
    level: options.level,
    base: null,
    redact: { paths: REDACTED_PATHS, censor: '***' },
  };
  return options.destination ? pino(settings, options.destination) : pino(settings);
}
