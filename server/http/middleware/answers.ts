/** Writes what a route answered, or gives up waiting for it. Only here and in `errors` is an answer written. */
import { storeUnavailable } from '../http-errors.ts';
import type { Answer } from '../route.ts';
import type { HttpMiddleware } from '../state.ts';

/** With the store known to be away, nobody waits longer than this. */
export const STORE_AWAY_MS = 900;
/** Longest wait for a route that names none. */
export const LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/**
 * A route that goes on after its caller was answered changes nothing of the answer: it hands its own over through the
 * state, and nobody reads it any more.
 */
export function answers(deps: { storeUp: () => boolean }): HttpMiddleware {
  return async (ctx, next) => {
    const work = next().then(() => ctx.state.answer);
    const limit = () => ctx.state.limitMs ?? LIMIT_MS;
    const answer = await withinLimit(work, deps.storeUp, limit);
    if (answer === undefined) return;
    ctx.status = answer.status;
    if (answer.body !== undefined) ctx.body = answer.body;
  };
}

function withinLimit(
  work: Promise<Answer | undefined>,
  storeUp: () => boolean,
  limitMs: () => number,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    let waited = STORE_AWAY_MS;
    const look = () => {
      if (!storeUp()) return reject(storeUnavailable(new Error('the store is away')));
      if (waited >= limitMs()) return reject(storeUnavailable(new Error(`no answer within ${limitMs()} ms`)));
      waited += LOOK_AGAIN_MS;
      timer = setTimeout(look, LOOK_AGAIN_MS);
    };
    let timer = setTimeout(look, STORE_AWAY_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
