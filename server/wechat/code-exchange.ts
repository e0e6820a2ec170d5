/** Turns the code that `wx.login` hands to the phone into an identity. */
import { AppError } from '../lib/errors.ts';

export interface WechatIdentity {
  openid: string;
  unionid?: string;
  /** A first name for a new user, where one is known. */
  name?: string;
}

export interface CodeExchange {
  /** Rejects with LOGIN_CODE_INVALID, USER_BLOCKED, RATE_LIMITED or WECHAT_UNAVAILABLE. */
  exchange(code: string): Promise<WechatIdentity>;
}

export const loginCodeInvalid = () =>
  new AppError('LOGIN_CODE_INVALID', {
    zh: '微信登录凭证无效或已使用，请重试',
    en: 'The WeChat login code is invalid, expired or was used before; please try again',
  });
