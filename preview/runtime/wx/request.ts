import type { Settings } from '../settings.ts';
import type { Callbacks } from './wx-call.ts';
import { wxCall } from './wx-call.ts';

interface RequestOptions extends Callbacks {
  url: string;
  method?: string;
  header?: Record<string, string>;
  data?: unknown;
  /** ms; WeChat's default is a minute. */
  timeout?: number;
  dataType?: string;
}

/** `wx.request` over fetch. Any HTTP status is a success; failing is the network's. */
export function createRequest(settings: Settings) {
  return (options: RequestOptions) => {
    const abort = new AbortController();
    void wxCall('request', () => send(options, settings, abort))({
      ...options,
      // There is no promise style: a task is answered instead.
      complete: (result: object) => options.complete?.(result),
    });
    return { abort: () => abort.abort(new Error('abort')) };
  };
}

async function send(options: RequestOptions, settings: Settings, abort: AbortController) {
  const { timeout = 60_000, dataType = 'json' } = options;
  if (!settings.isOnline()) throw new Error('net::ERR_INTERNET_DISCONNECTED');
  const timer = setTimeout(() => abort.abort(new Error('timeout')), timeout);
  const stopListening = settings.onOnline((online) => {
    if (!online) abort.abort(new Error('net::ERR_INTERNET_DISCONNECTED'));
  });
  try {
    const { url, init } = fetchArguments(options);
    const response = await fetch(url, { ...init, credentials: 'omit', signal: abort.signal });
    const text = await response.text();
    return {
      statusCode: response.status,
      header: Object.fromEntries(response.headers),
      data: dataType === 'json' ? parsed(text) : text,
    };
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** As WeChat sends `data`: in the query of a GET, else as JSON unless it is a text already. */
function fetchArguments({ url, method = 'GET', header = {}, data }: RequestOptions) {
  const headers = new Headers(header);
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  const init: RequestInit = { method: method.toUpperCase(), headers };
  if (data === undefined || data === null) return { url, init };
  if (init.method === 'GET' || init.method === 'HEAD') {
    const target = new URL(url);
    for (const [name, value] of Object.entries(data)) target.searchParams.set(name, String(value));
    return { url: target.href, init };
  }
  init.body = typeof data === 'string' ? data : JSON.stringify(data);
  return { url, init };
}

/** What is no JSON stays text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
