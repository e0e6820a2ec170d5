/**
 * Cuts a RESP stream (2 or 3, either direction) into whole frames: one command, or one reply.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
export class RespFrames {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes what arrived, answers the frames that are complete with it. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    let end = frameEnd(this.#rest, 0);
    while (end !== -1) {
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
      end = frameEnd(this.#rest, 0);
    }
    return frames;
  }
}

/** Where the frame that starts at `from` ends, or -1 when it is not complete. */
function frameEnd(data: Buffer, from: number): number {
  const lineEnd = data.indexOf('\r\n', from);
  if (lineEnd === -1) return -1;
  const next = lineEnd + 2;
  const count = () => Number(data.toString('latin1', from + 1, lineEnd));
  switch (String.fromCharCode(data[from] as number)) {
    case '$': // bulk string
    case '!': // bulk error
    case '=': {
      // verbatim string; -1 is null
      const end = count() < 0 ? next : next + count() + 2;
      return end <= data.length ? end : -1;
    }
    case '*': // array
    case '~': // set
    case '>': // push
      return framesEnd(data, next, count());
    case '%': // map
      return framesEnd(data, next, 2 * count());
    case '|': // attributes, which stand before the reply they belong to
      return framesEnd(data, next, 2 * count() + 1);
    default: // one line: + - : _ # , ( and inline commands
      return next;
  }
}

function framesEnd(data: Buffer, from: number, count: number): number {
  let end = from;
  for (let i = 0; i < count && end !== -1; i++) end = end < data.length ? frameEnd(data, end) : -1;
  return end;
}
