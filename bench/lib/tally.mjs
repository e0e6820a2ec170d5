/** Counts starts against a plan: which came, how late, which early, which twice, which never. */
import { percentiles, preciseNow } from './numbers.mjs';

/** A store keeps whole ms, and clocks are rounded: a fraction below zero is no broken promise. */
const EARLY_MS = -1;

/** Pause between windows, so that one's tail is not the next one's start. */
const GAP_MS = 500;

/**
 * Windows of one-shots one after the other: the first warms up (nothing has compiled that code yet) and is not counted.
 * `rates`: `[{ perSecond, seconds }]`. Answers windows `{ case, fromAt, toAt, instants }`.
 */
export function planWindows(fromAt, rates, { warmUp = { perSecond: 500, seconds: 2 } } = {}) {
  let at = Math.ceil(fromAt);
  return [{ ...warmUp, case: null }, ...rates].map(({ perSecond, seconds, case: name }) => {
    const from = at;
    const instants = Array.from(
      { length: perSecond * seconds },
      (_, n) => from + Math.floor((n * 1_000) / perSecond),
    );
    at += seconds * 1_000 + GAP_MS;
    return { case: name === undefined ? `${perSecond}/s` : name, fromAt: from, toAt: at, instants };
  });
}

/** Windows for recurring slots: `expected` starts planned in `[fromAt, toAt)`. */
export function createTally(windows) {
  const counted = windows
    .filter((window) => window.case !== null)
    .map((window) => ({
      case: window.case,
      fromAt: window.fromAt,
      toAt: window.toAt,
      expected: window.expected ?? window.instants.length,
      seen: new Set(),
      lateness: [],
      early: 0,
      twice: 0,
    }));
  let missing = counted.reduce((sum, { expected }) => sum + expected, 0);
  let allHere;
  const complete = new Promise((resolve) => {
    allHere = resolve;
  });

  return {
    /** One start. `key` names the run: the same key again is a run done twice. */
    started(key, plannedAt, startedAt = preciseNow()) {
      const window = counted.find(({ fromAt, toAt }) => plannedAt >= fromAt && plannedAt < toAt);
      if (window === undefined) return;
      if (window.seen.has(key)) {
        window.twice += 1;
        return;
      }
      window.seen.add(key);
      const late = startedAt - plannedAt;
      window.lateness.push(late);
      if (late < EARLY_MS) window.early += 1;
      missing -= 1;
      if (missing === 0) allHere();
    },
    /** Resolves when every planned start was seen, or `graceMs` after the last one was due. */
    async complete(graceMs = 5_000) {
      const end = Math.max(...counted.map(({ toAt }) => toAt)) + graceMs;
      const timer = new Promise((resolve) => setTimeout(resolve, Math.max(0, end - Date.now())));
      await Promise.race([complete, timer]);
    },
    /** One per window. `missed`: never started. */
    rows: () =>
      counted.map(({ case: name, lateness, expected, seen, early, twice }) => ({
        case: name,
        ...percentiles(lateness),
        missed: expected - seen.size,
        early,
        twice,
      })),
  };
}
