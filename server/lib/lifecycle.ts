/** A long-lived part. Both are idempotent and awaited; stop waits for what is under way. */
export interface Part {
  start(): Promise<void>;
  stop(): Promise<void>;
}
