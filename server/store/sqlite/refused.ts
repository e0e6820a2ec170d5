/** An operation that would break the data: refused before its first write, so that the rest of its batch goes on. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export function refuse(reason: string): never {
  throw new RefusedError(reason);
}

/** Rows are packed as text: a NaN in one would make it unreadable. */
export function checkNumber(name: string, value: number): void {
  if (!Number.isFinite(value)) refuse(`${name} is not a number`);
}

/** Instants, lengths and counts; null passes. */
export function checkIntegers(values: Record<string, number | null>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && !Number.isSafeInteger(value)) refuse(`${name} is not an integer`);
  }
}
