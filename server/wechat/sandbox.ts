/** A WeChat for people without an appid: outside production and on loopback only (server/config.ts holds to that). */
import { type CodeExchange, loginCodeInvalid } from './code-exchange.ts';

const NAMED = /^sandbox:([A-Za-z0-9_\u4e00-\u9fa5-]{1,32})$/;

/** `sandbox:<name>` is user `<name>`, as often as one likes; any other code is user `demo`. */
export function createSandboxExchange(): CodeExchange {
  return {
    async exchange(code) {
      const name = code.startsWith('sandbox:') ? NAMED.exec(code)?.[1] : 'demo';
      if (name === undefined) throw loginCodeInvalid();
      return { openid: `sandbox:${name}`, name };
    },
  };
}
