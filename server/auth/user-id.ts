/** Who a WeChat openid is to us: an id that cannot be turned back into the openid. */
import { createHash } from 'node:crypto';

/** `u` and 24 characters of base32: 120 bits of SHA-256(appid:openid), the same on every server and after removal. */
export function userIdOf(appid: string, openid: string): string {
  return `u${base32(createHash('sha256').update(`${appid}:${openid}`).digest().subarray(0, 15))}`;
}

/** RFC 4648 base32, lower case; a multiple of 5 bytes, so no padding. */
export function base32(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 5) {
    let bits = 0n;
    for (let j = i; j < i + 5; j++) bits = (bits << 8n) | BigInt(bytes[j] ?? 0);
    for (let shift = 35n; shift >= 0n; shift -= 5n) {
      text += 'abcdefghijklmnopqrstuvwxyz234567'[Number((bits >> shift) & 31n)];
    }
  }
  return text;
}
