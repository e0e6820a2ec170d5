/** What is kept of lines for a run's log: the newest, within the limits of a log. */
import { LOG_BYTES_KEPT, LOG_LINES_KEPT } from '../limits.ts';
import type { StoredLogLine } from '../requests.ts';

/** Bytes of text count; a line longer than all that is kept loses its end. */
export function newestLines(lines: readonly StoredLogLine[]): StoredLogLine[] {
  const kept: StoredLogLine[] = [];
  let bytes = 0;
  for (const line of lines.slice(-LOG_LINES_KEPT).reverse()) {
    const text = cut(line.text);
    bytes += Buffer.byteLength(text);
    if (bytes > LOG_BYTES_KEPT) break;
    kept.push({ ...line, text });
  }
  return kept.reverse();
}

function cut(text: string): string {
  if (Buffer.byteLength(text) <= LOG_BYTES_KEPT) return text;
  // Not in the middle of a character: an incomplete one would decode to U+FFFD, which is longer.
  return new TextDecoder().decode(Buffer.from(text).subarray(0, LOG_BYTES_KEPT), { stream: true });
}
