/** The reference task: what people keep a scheduler for, a daily call with a name, a time zone and a little of its own. */
import { definition } from './tasks.mjs';

/** Owners have this many each. */
const TASKS_AN_OWNER = 100;
/** No idle task is due within this many hours: the nearest is at this distance, the others follow within half a day. */
const FREE_HOURS = 3;

/** Reference tasks number `from` to `to - 1`. */
export function idleTasks(from, to, now) {
  return Array.from({ length: to - from }, (_, k) => {
    const n = from + k;
    return { owner: `idle-${Math.floor(n / TASKS_AN_OWNER)}`, definition: reference(n, now) };
  });
}

/** Cron pattern of reference task `n`, with seconds, in Asia/Shanghai; a fixed instant of the day. */
export function idlePattern(n, now) {
  const minutes = (Math.floor(now / 60_000) + (FREE_HOURS + 8) * 60 + (n % 720)) % 1_440;
  return `${n % 60} ${minutes % 60} ${Math.floor(minutes / 60)} * * *`;
}

/** What the task calls. */
export const idleUrl = (n) => `https://api.example.com/v1/reports/${n}/send`;

const reference = (n, now) =>
  definition(
    { kind: 'cron', cron: idlePattern(n, now), timezone: 'Asia/Shanghai' },
    { name: `每日晨报 ${n}`, action: { kind: 'http', method: 'POST', url: idleUrl(n) } },
  );

/** Bytes of what its owner wrote, as JSON. */
export const ownBytes = () => Buffer.byteLength(JSON.stringify(reference(100_000, 0)));
