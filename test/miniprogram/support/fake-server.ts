import type { HttpAnswer, HttpRequest } from '../../../miniprogram/lib/wx-port.ts';
import { answer } from './fake-wx.ts';

export interface FakeServer {
  serve(request: HttpRequest): HttpAnswer;
  /** `METHOD /path` of each request, in order. */
  log: string[];
  logins: number;
  refreshes: number;
  /** Refresh tokens whose sessions were ended. */
  ended: string[];
  /** Access tokens that are refused from now on. */
  revoked: Set<string>;
  /** The session is over: refreshing is refused. */
  refuseRefresh: boolean;
  user: string;
}

/** The server's sign-in as far as the phone sees it; `/api/echo` needs a token and answers what it was asked. */
export function createFakeServer(): FakeServer {
  const server: FakeServer = {
    log: [],
    logins: 0,
    refreshes: 0,
    ended: [],
    revoked: new Set(),
    refuseRefresh: false,
    user: 'u1',
    serve({ method, url, headers, body }) {
      const path = url.replace(/^https?:\/\/[^/]+/, '');
      server.log.push(`${method} ${path}`);
      const sent = body === undefined ? {} : JSON.parse(body);
      if (path === '/api/auth/login') {
        server.logins += 1;
        const name = /^sandbox:(.+)$/.exec(sent.code)?.[1];
        return answer(200, tokens(`login${server.logins}`, name ?? server.user));
      }
      if (path === '/api/auth/refresh') {
        server.refreshes += 1;
        if (server.refuseRefresh) return refusal(401, 'REFRESH_INVALID');
        return answer(200, tokens(`refresh${server.refreshes}`, server.user));
      }
      if (path === '/api/auth/logout') {
        server.ended.push(sent.refreshToken);
        return answer(204, '');
      }
      const token = (headers.Authorization ?? '').replace('Bearer ', '');
      if (token === '') return refusal(401, 'AUTH_REQUIRED');
      if (server.revoked.has(token)) return refusal(401, 'TOKEN_INVALID');
      return answer(200, { path, token, headers, sent });
    },
  };
  return server;
}

export function refusal(status: number, code: string, more: object = {}): HttpAnswer {
  return answer(status, { error: { code, message: `said ${code}`, requestId: 'r1', ...more } });
}

function tokens(of: string, userId: string): object {
  const user = { id: userId, name: userId, locale: 'zh-CN', attrs: [], quietHours: null, createdAt: 0 };
  return { accessToken: `access-${of}`, refreshToken: `refresh-${of}`, expiresIn: 900, user };
}
