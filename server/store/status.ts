/** Failures that both stores share. Refusals are answers of the contract; these are what rejects. */

/** The store cannot be reached, or did not answer in time. Whether the step was applied is not known. */
export class StoreUnavailableError extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  override readonly name = 'StoreUnavailableError';
}

/** The start was refused; the message is one line for the person who starts the server. */
export class StartError extends Error {
  readonly code = 'START_REFUSED';
  override readonly name = 'StartError';
}
