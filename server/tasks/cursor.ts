/** Page cursors: opaque to the phone, one string or number inside. */
import { AppError } from '../lib/errors.ts';

export const encodeCursor = (value: string | number): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

export const cursorInvalid = () =>
  new AppError('CURSOR_INVALID', { zh: 'cursor 无效', en: 'the cursor is invalid' });

/** Of encodeCursor with an instant; rejects anything else with CURSOR_INVALID. */
export function decodeCursor(cursor: string): number {
  const value = decode(cursor);
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw cursorInvalid();
  return value;
}

/** Of encodeCursor with an id. */
export function decodeIdCursor(cursor: string, isId: (id: string) => boolean): string {
  const value = decode(cursor);
  if (typeof value !== 'string' || !isId(value)) throw cursorInvalid();
  return value;
}
