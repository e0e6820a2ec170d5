import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** One call of an HTTP action, as it arrived. */
export interface Hit {
  path: string;
  taskId: string;
  /** The Idempotency-Key. */
  runId: string;
  attempt: number;
  fence: number;
  plannedAt: number;
  arrivedAt: number;
  /** When the caller hung up before it was answered; null: it did not. */
  leftAt: number | null;
  /** Answers a call to /hang, with this as JSON. */
  answer(body?: unknown): void;
}

export interface Target {
  /** `127.0.0.1:port`, for ALLOW_HOSTS. */
  host: string;
  /** Answers at once. */
  okUrl: string;
  /** Answers after so many ms. */
  slowUrl(ms: number): string;
  /** Answers only when the test says so. */
  hangUrl: string;
  hits: Hit[];
}

/** The world outside, as HTTP actions see it: records every call. Ends with the test. */
export async function startTarget(t: TestContext): Promise<Target> {
  const hits: Hit[] = [];
  const server = createServer((req, res) => {
    const arrivedAt = Date.now();
    const header = (name: string) => String(req.headers[name] ?? '');
    const hit: Hit = {
      path: req.url ?? '',
      taskId: header('x-zhundian-task'),
      runId: header('idempotency-key'),
      attempt: Number(header('x-zhundian-attempt')),
      fence: Number(header('x-zhundian-fence')),
      plannedAt: Number(header('x-zhundian-planned-at')),
      arrivedAt,
      leftAt: null,
      answer: (body) => answer(res, body),
    };
    hits.push(hit);
    res.once('close', () => {
      if (!res.writableFinished) hit.leftAt = Date.now();
    });
    req.resume();
    const url = new URL(hit.path, 'http://target');
    if (url.pathname === '/ok') answer(res);
    if (url.pathname === '/slow') setTimeout(() => answer(res), Number(url.searchParams.get('ms')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    okUrl: `http://${host}/ok`,
    slowUrl: (ms) => `http://${host}/slow?ms=${ms}`,
    hangUrl: `http://${host}/hang`,
    hits,
  };
}

function answer(res: ServerResponse, body: unknown = { ok: true }): void {
  if (res.writableEnded || res.destroyed) return;
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}
