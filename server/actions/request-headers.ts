/** Which headers of a request are the owner's to set, and which of them may follow a redirect. */

// Framing, routing and hop-by-hop headers (RFC 9110, 7.6.1), and those that undici refuses or that would change how
// the answer's body is read.
const RESERVED = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const DESCRIBE_BODY = new Set(['content-type', 'content-language', 'content-location']);
const MAY_CHANGE_ORIGIN = /^(accept|accept-language|content-type|user-agent|idempotency-key|x-zhundian-.*)$/;

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// RFC 9110, 5.5: visible characters, obs-text, blanks and tabs.
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with a header that an owner wants to send, or null. */
export function headerProblem(name: string, value: string): 'name' | 'value' | 'reserved' | null {
  if (!NAME.test(name)) return 'name';
  if (isReservedHeader(name)) return 'reserved';
  return VALUE.test(value) ? null : 'value';
}

/** Whether only the server sets this header: framing, hop-by-hop, and what tells the receiver which run calls. */
export function isReservedHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return RESERVED.has(lower) || lower === 'idempotency-key' || lower.startsWith('x-zhundian-');
}

/** Lower-case names without those that decide framing and routing; the last of equal names stays. */
export function sendableHeaders(headers: Record<string, string>): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(entries.filter(([name]) => !RESERVED.has(name)));
}

/**
 * The headers that go along with a redirect. To another origin only harmless ones do: not only `authorization` and
 * `cookie`, because `x-api-key` and its like are as secret and have no fixed name.
 */
export function redirectHeaders(
  headers: Record<string, string>,
  change: { origin: boolean; dropsBody: boolean },
): Record<string, string> {
  const kept = Object.entries(headers).filter(
    ([name]) =>
      !(change.origin && !MAY_CHANGE_ORIGIN.test(name)) && !(change.dropsBody && DESCRIBE_BODY.has(name)),
  );
  return Object.fromEntries(kept);
}
