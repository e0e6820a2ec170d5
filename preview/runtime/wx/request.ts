import type { Settings } from '../settings.ts';
import { wxCall } from './wx-call.ts';

interface RequestOptions {
  url: string;
  method?: string;
  header?: Record<string, string>;
  data?: unknown;
  /** ms; WeChat's default is a minute. */
  timeout?: number;
}

/** `wx.request` over fetch. Any HTTP status is a success; failing is the network's. */
export function createRequest(online: Settings['online']) {
  return wxCall('request', async ({ url, method, header, data, timeout = 60_000 }: RequestOptions) => {
    const abort = new AbortController();
    const goOffline = () => abort.abort(new Error('net::ERR_INTERNET_DISCONNECTED'));
    const timer = setTimeout(() => abort.abort(new Error('timeout')), timeout);
    const stopListening = online.listen(goOffline);
    if (!online.get()) goOffline();
    try {
      const headers = new Headers(header);
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      // Unless it is a text already; fetch refuses any with a GET.
      const body = data === undefined || typeof data === 'string' ? data : JSON.stringify(data);
      const response = await fetch(url, { method, headers, body, credentials: 'omit', signal: abort.signal });
      const text = await response.text();
      return {
        statusCode: response.status,
        header: Object.fromEntries(response.headers),
        data: parsed(text),
      };
    } finally {
      clearTimeout(timer);
      stopListening();
    }
  });
}

/** What is no JSON stays text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
