import { type Language, type StringKey, translate } from '../lib/i18n';

/** Codes of shared/errors.ts `RUN_ERROR_CODES`, and ACCESS_DENIED of the check before each execution. */
const HINTS = new Map<string, StringKey>([
  ['TIMEOUT', 'run.hintTimeout'],
  ['WORKER_LOST', 'run.hintWorkerLost'],
  ['CANCELLED', 'run.hintCancelled'],
  ['HANDLER_FAILED', 'run.hintHandlerFailed'],
  ['HANDLER_UNKNOWN', 'run.hintHandlerUnknown'],
  ['HTTP_STATUS', 'run.hintHttpStatus'],
  ['HTTP_SLOW', 'run.hintHttpSlow'],
  ['HTTP_VALUE', 'run.hintHttpValue'],
  ['HTTP_NOT_JSON', 'run.hintHttpNotJson'],
  ['HTTP_TOO_LARGE', 'run.hintHttpTooLarge'],
  ['HTTP_ADDRESS_FORBIDDEN', 'run.hintHttpAddressForbidden'],
  ['HTTP_UNREACHABLE', 'run.hintHttpUnreachable'],
  ['ACCESS_DENIED', 'run.hintAccessDenied'],
]);

/** What may be done about a run's error. A code that is not known here gets the general advice. */
export function runHint(code: string, language: Language): string {
  return translate(language, HINTS.get(code) ?? 'run.hintOther');
}
