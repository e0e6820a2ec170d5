/**
 * `wx.login` codes against WeChat itself.
 * https://developers.weixin.qq.com/miniprogram/dev/server/API/user-login/api_code2session
 * A success has an openid (with errcode 0 or none); a failure comes with HTTP 200 as well.
 */
import { type Dispatcher, request } from 'undici';
import { AppError } from '../lib/errors.ts';
import { type CodeExchange, loginCodeInvalid, type WechatIdentity } from './code-exchange.ts';

/** The whole call, connecting and reading included. */
export const CODE2SESSION_MS = 5_000;
const MAX_ANSWER_BYTES = 16_384;

/** Rejects with LOGIN_CODE_INVALID, USER_BLOCKED, RATE_LIMITED or WECHAT_UNAVAILABLE. The secret is in no error. */
export function createCode2Session(options: {
  appid: string;
  secret: string;
  apiBase: string;
  timeoutMs?: number;
  dispatcher?: Dispatcher;
}): CodeExchange {
  const { appid, secret, apiBase, timeoutMs = CODE2SESSION_MS, dispatcher } = options;
  return {
    async exchange(code) {
      const query = new URLSearchParams({ appid, secret, js_code: code, grant_type: 'authorization_code' });
      const signal = AbortSignal.timeout(timeoutMs);
      let text: string;
      try {
        const { statusCode, body } = await request(`${apiBase}/sns/jscode2session?${query}`, {
          signal,
          ...(dispatcher && { dispatcher }),
        });
        if (statusCode !== 200) {
          await body.dump({ limit: MAX_ANSWER_BYTES, signal });
          throw new Error(`HTTP ${statusCode}`);
        }
        text = await readSome(body);
      } catch (error) {
        // The address holds the secret, so the cause is reduced to its code or message, which do not hold the address.
        const { code: reason, message } = error as { code?: string; message?: string };
        throw unavailable(String(reason ?? message));
      }
      return identityOf(text);
    },
  };
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function identityOf(text: string): WechatIdentity {
  let answer: { openid?: unknown; unionid?: unknown; errcode?: unknown } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    throw unavailable('the answer is not JSON');
  }
  const { openid, unionid, errcode } = answer ?? {};
  if (typeof openid === 'string' && openid !== '') {
    return typeof unionid === 'string' && unionid !== '' ? { openid, unionid } : { openid };
  }
  throw refusal(errcode);
}

function refusal(errcode: unknown): AppError {
  switch (errcode) {
    case 40029: // invalid, expired
    case 40163: // used before
      return loginCodeInvalid();
    case 40226:
      return new AppError('USER_BLOCKED', {
        zh: '微信判定该用户为高风险，暂时不能登录',
        en: 'WeChat has blocked this user as high-risk',
      });
    case 45011:
      return new AppError(
        'RATE_LIMITED',
        { zh: '登录太频繁，请稍后再试', en: 'Too many sign-ins; please try again later' },
        { retryAfter: 60 },
      );
    default: // -1 (busy), 40013 and 40125 (appid or secret wrong), 41002, whatever comes next
      return unavailable(`errcode ${typeof errcode === 'number' ? errcode : 'missing'}`);
  }
}

const unavailable = (reason: string) =>
  new AppError(
    'WECHAT_UNAVAILABLE',
    { zh: '微信暂时没有响应，请稍后再试', en: 'WeChat is not answering; please try again later' },
    { retryAfter: 2, cause: new Error(`code2session: ${reason}`) },
  );
