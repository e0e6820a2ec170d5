import { parseUrl } from './address-guard.ts';
import { redirectHeaders } from './request-headers.ts';

/** One request of a call: the first, or one that a redirect asked for. Header names are in lower case. */
export interface Hop {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | null;
}

/** Where a redirect leads, as browsers read it (https://fetch.spec.whatwg.org/#http-redirect-fetch); else null. */
export function nextHop(hop: Hop, status: number, location: string | string[] | undefined): Hop | null {
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string') return null;
  const url = parseUrl(location, hop.url);
  if (url === null) return null;
  const toGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  const change = { origin: url.origin !== hop.url.origin, dropsBody: toGet };
  return {
    url,
    method: toGet ? 'GET' : hop.method,
    headers: redirectHeaders(hop.headers, change),
    body: toGet ? null : hop.body,
  };
}
