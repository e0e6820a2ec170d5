/** An operation that would break the data: refused before its first write, so that the rest of its batch goes on. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

export function refuse(reason: string): never {
  throw new RefusedError(reason);
}
