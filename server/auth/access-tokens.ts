/** Access tokens: short-lived JWTs whose issuer, audience and algorithm are pinned. */
import jwt from 'jsonwebtoken';
import type { Clock } from '../lib/clock.ts';
import { tokenExpired, tokenInvalid } from './auth-errors.ts';

/** Seconds that an access token lives. */
export const ACCESS_TOKEN_SECONDS = 900;

const ISSUER = 'zhundian';
const AUDIENCE = 'zhundian-api';
const ALGORITHM = 'HS256';

export interface AccessClaims {
  userId: string;
  sessionId: string;
  /** Ms since the epoch. */
  expiresAt: number;
}

export interface AccessTokens {
  /** `attrs` are for the phone to read; the server asks for those of the moment. */
  sign(claims: { userId: string; sessionId: string; attrs: string[] }): string;
  /** Throws TOKEN_INVALID or TOKEN_EXPIRED. */
  verify(token: string): AccessClaims;
}

/** The first secret signs; all of them verify, so that a secret can be replaced without signing anyone out. */
export function createAccessTokens(options: { secrets: string[]; clock: Clock }): AccessTokens {
  const { secrets, clock } = options;
  const first = secrets[0];
  if (first === undefined) throw new Error('access tokens need a secret');
  const seconds = () => Math.floor(clock.now() / 1000);

  return {
    sign({ userId, sessionId, attrs }) {
      const iat = seconds();
      const payload = { sub: userId, sid: sessionId, attrs, iat, exp: iat + ACCESS_TOKEN_SECONDS };
      return jwt.sign(payload, first, { algorithm: ALGORITHM, issuer: ISSUER, audience: AUDIENCE });
    },
    verify(token) {
      let refused: unknown;
      for (const secret of secrets) {
        try {
          return claimsOf(
            jwt.verify(token, secret, {
              algorithms: [ALGORITHM],
              issuer: ISSUER,
              audience: AUDIENCE,
              clockTimestamp: seconds(),
            }),
          );
        } catch (error) {
          if (error instanceof jwt.TokenExpiredError) throw tokenExpired();
          refused = error;
        }
      }
      throw tokenInvalid(refused);
    },
  };
}

function claimsOf(payload: string | jwt.JwtPayload): AccessClaims {
  const { sub, sid, exp } = payload as Record<string, unknown>;
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number') throw tokenInvalid();
  return { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
}
