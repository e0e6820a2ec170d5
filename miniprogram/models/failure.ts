/** Why something did not work: `code` for programs, `message` for people. */
export interface Failure {
  code: string;
  message: string;
}

/** Whatever was thrown, as a code and words. */
export function failureOf(error: unknown): Failure {
  const { code, message } = (error ?? {}) as Partial<Failure>;
  return {
    code: typeof code === 'string' ? code : 'INTERNAL',
    message: typeof message === 'string' ? message : String(error),
  };
}
