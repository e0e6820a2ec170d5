/** WeChat's code2session as documented, on a real port: codes work once and for five minutes. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

const CODE_MS = 5 * 60_000;

export async function startFakeWechat(t: TestContext, now: () => number) {
  const issued = new Map<string, { openid: string; unionid?: string; at: number; used: boolean }>();
  /** Answers instead of the rules, when set. */
  const script: { next: ((res: ServerResponse) => void) | null } = { next: null };
  const asked: URLSearchParams[] = [];

  const answerTo = (query: URLSearchParams): object => {
    const fail = (errcode: number, errmsg: string) => ({ errcode, errmsg: `${errmsg}, rid: 6a-1` });
    if (!query.get('appid')) return fail(41002, 'appid missing');
    if (query.get('appid') !== 'wx-test') return fail(40013, 'invalid appid');
    if (query.get('secret') !== 'wx-secret') return fail(40125, 'invalid appsecret');
    if (query.get('grant_type') !== 'authorization_code') return fail(40002, 'invalid grant_type');
    const code = issued.get(query.get('js_code') ?? '');
    if (code === undefined || now() - code.at > CODE_MS) return fail(40029, 'invalid code');
    if (code.used) return fail(40163, 'code been used');
    code.used = true;
    const { openid, unionid } = code;
    return { session_key: 'c2Vzc2lvbg==', openid, ...(unionid && { unionid }) };
  };

  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://wechat');
    asked.push(url.searchParams);
    const scripted = script.next;
    script.next = null;
    if (scripted) return scripted(res);
    if (req.method !== 'GET' || url.pathname !== '/sns/jscode2session') return res.writeHead(404).end();
    // WeChat sends JSON as text/plain.
    res.writeHead(200, { 'content-type': 'text/plain' }).end(JSON.stringify(answerTo(url.searchParams)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  t.after(stop);

  let codes = 0;
  return {
    apiBase: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop,
    issue(openid: string, unionid?: string): string {
      const code = `0a1b2c3d4e5f${String(codes++).padStart(20, '0')}`;
      issued.set(code, { openid, at: now(), used: false, ...(unionid !== undefined && { unionid }) });
      return code;
    },
    /** The next request is answered with this JSON or text, or left to a function. */
    nextAnswer(reply: object | string) {
      script.next = (res) => res.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    },
    nextReply(reply: (res: ServerResponse) => void) {
      script.next = reply;
    },
  };
}
