/**
 * What a server without the API answers on its port: whether it lives and whether it is at work, so that platforms can watch
 * it like any other. No tokens, no limits, no body is read.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { notFound } from './http-errors.ts';
import { type Readiness, readiness } from './readiness.ts';

export function createProbes({ ready }: { ready: () => Promise<Readiness> }): RequestListener {
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = (req.url ?? '').split('?')[0];
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (isRead && path === '/healthz') return send(res, 200, { ok: true });
    if (isRead && path === '/readyz') {
      const { ok, why } = await readiness(ready);
      return send(res, ok ? 200 : 503, ok ? { ok } : { ok, why: why ?? 'not ready' });
    }
    const error = notFound();
    send(res, error.status, { error: { code: error.code, message: error.words.en } });
  }
  return (req, res) => {
    // Nothing in it rejects: `readiness` never does.
    void answer(req, res);
    req.resume();
  };
}

function send(res: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(res.req.method === 'HEAD' ? undefined : text);
}
