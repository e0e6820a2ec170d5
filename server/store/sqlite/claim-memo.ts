/** What recent claims answered, by request id, so that a repeat answers the same. */
const KEPT_MS = 60_000;
/** At 1,000 claims a second this is 4 s: more than any caller waits, and bounded. */
const MAX = 4_096;

export class ClaimMemo {
  /** Request ids of the transaction under way. */
  readonly #fresh: string[] = [];
  readonly #answers = new Map<string, { at: number; runIds: string[] }>();

  get(requestId: string, now: number): string[] | undefined {
    const answer = this.#answers.get(requestId);
    return answer !== undefined && now - answer.at <= KEPT_MS ? answer.runIds : undefined;
  }

  put(requestId: string, runIds: string[], now: number): void {
    this.#fresh.push(requestId);
    this.#answers.delete(requestId);
    this.#answers.set(requestId, { at: now, runIds });
    if (this.#answers.size > MAX) {
      for (const oldest of this.#answers.keys()) {
        this.#answers.delete(oldest);
        break;
      }
    }
  }

  /** The transaction was committed. */
  keep(): void {
    this.#fresh.length = 0;
  }

  /** It was rolled back: its claims handed out nothing. */
  undo(): void {
    for (const requestId of this.#fresh.splice(0)) this.#answers.delete(requestId);
  }
}
