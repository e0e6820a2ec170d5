import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { HttpCallError } from './http-call-error.ts';

/** No answer is read beyond this many bytes. */
const MAX_ANSWER_BYTES = 262_144;

/**
 * The whole body as text, in the charset that the content type names (`gbk` is common in China), else UTF-8; bytes
 * that are none become U+FFFD.
 * @throws HttpCallError `HTTP_TOO_LARGE` beyond 256 KiB; the stream is destroyed then
 */
export async function readText(body: Readable, contentType: string | string[] | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new HttpCallError('HTTP_TOO_LARGE', 'the answer was longer than 256 KiB');
    chunks.push(chunk);
  }
  return decoderFor(String(contentType ?? '')).decode(Buffer.concat(chunks, bytes));
}

function decoderFor(contentType: string): TextDecoder {
  const charset = /;\s*charset="?([^\s";]+)/i.exec(contentType)?.[1];
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder(); // a charset that nobody knows
  }
}
