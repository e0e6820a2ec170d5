/** What a schedule must be before it is stored. Pure; own messages in both languages, none repeats the input. */
import type { ErrorCode } from '../../shared/errors.ts';
import type { Calendar, Schedule } from '../../shared/task.ts';
import { createSlotSource } from './schedule.ts';
import { isZoneName } from './schedule-zone-name.ts';
import { longestSpread } from './spread.ts';
import { cronProblem } from './validate-cron.ts';

export interface ScheduleProblem {
  code: ErrorCode;
  /** Where in the request, such as `schedule.cron`. */
  path: string;
  message: { zh: string; en: string };
}

/** 10000-01-01: later instants have no four-digit year. */
const LAST_AT = 253_402_300_800_000;
/** An `at` that passed this long ago is still taken: the request was on its way. */
const PAST_GRACE_MS = 60_000;
const MIN_EVERY_MS = 1_000;
const MAX_EVERY_MS = 366 * 86_400_000;
const MAX_SLOTS = 1_000_000_000;
const CALENDARS: readonly Calendar[] = ['all', 'cn_workdays', 'cn_holidays'];

/**
 * Everything wrong with a schedule, judged at `now` (ms); an empty list when nothing is. Wrong types are problems, not
 * exceptions. Hostile cron patterns cost at most some 20 ms.
 */
export function checkSchedule(schedule: Schedule, now: number): ScheduleProblem[] {
  const problems: ScheduleProblem[] = [];
  const add = (code: ErrorCode, field: string, zh: string, en: string) =>
    problems.push({ code, path: `schedule.${field}`, message: { zh, en } });
  const instant = (value: unknown, field: string) => {
    if (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < LAST_AT) return;
    add(
      'SCHEDULE_INVALID',
      field,
      `${field} 必须是毫秒时间戳（整数，1970 年至 9999 年）`,
      `${field} must be an instant in whole milliseconds, from 1970 to the year 9999`,
    );
  };

  const { startAt, endAt, maxSlots } = schedule;
  if (startAt != null) instant(startAt, 'startAt');
  if (endAt != null) instant(endAt, 'endAt');
  if (startAt != null && endAt != null && startAt >= endAt) {
    add('SCHEDULE_INVALID', 'endAt', 'endAt 必须晚于 startAt', 'endAt must be later than startAt');
  }
  if (maxSlots != null && !(Number.isInteger(maxSlots) && maxSlots >= 1 && maxSlots <= MAX_SLOTS)) {
    add(
      'SCHEDULE_INVALID',
      'maxSlots',
      'maxSlots 必须是 1 到 10 亿的整数',
      'maxSlots must be a whole number, 1 to 1e9',
    );
  }
  const { calendar, spreadMs } = schedule;
  if (calendar !== undefined && !CALENDARS.includes(calendar)) {
    const known = CALENDARS.join(', ');
    add('SCHEDULE_INVALID', 'calendar', `calendar 必须是 ${known} 之一`, `calendar must be one of ${known}`);
  }
  if (spreadMs !== undefined && !(Number.isSafeInteger(spreadMs) && spreadMs >= 0)) {
    add('SCHEDULE_INVALID', 'spreadMs', 'spreadMs 必须是毫秒整数', 'spreadMs must be whole milliseconds');
  }

  if (schedule.kind === 'cron') {
    if (schedule.timezone !== undefined && !isZoneName(schedule.timezone)) {
      add(
        'TIMEZONE_INVALID',
        'timezone',
        '时区必须是 IANA 名称（如 Asia/Shanghai）或 UTC',
        'The time zone must be an IANA name such as Asia/Shanghai, or UTC',
      );
    }
    const problem = cronProblem(schedule.cron);
    if (problem !== null) add(problem.code, 'cron', problem.zh, problem.en);
  } else if (schedule.kind === 'every') {
    const { everyMs, anchorAt } = schedule;
    if (!(Number.isInteger(everyMs) && everyMs >= MIN_EVERY_MS && everyMs <= MAX_EVERY_MS)) {
      add(
        'SCHEDULE_INVALID',
        'everyMs',
        '间隔必须是 1000 毫秒到 366 天的整数毫秒',
        'everyMs must be whole milliseconds, from 1000 to 366 days',
      );
    }
    if (anchorAt !== undefined) instant(anchorAt, 'anchorAt');
  } else if (schedule.kind === 'at') {
    instant(schedule.at, 'at');
    if (problems.length === 0 && schedule.at < now - PAST_GRACE_MS) {
      add('SCHEDULE_IN_PAST', 'at', '这个时刻已经过去', 'This instant has passed');
    }
  } else {
    add('SCHEDULE_INVALID', 'kind', 'kind 必须是 cron、every 或 at', 'kind must be cron, every or at');
  }
  if (problems.length > 0) return problems;

  const longestMs = spreadMs === undefined ? 0 : longestSpread(schedule);
  if (spreadMs !== undefined && spreadMs > longestMs) {
    add(
      'SCHEDULE_INVALID',
      'spreadMs',
      `spreadMs 必须小于最短间隔，此处最大 ${longestMs}`,
      `spreadMs must be below the shortest interval; here it is at most ${longestMs}`,
    );
    return problems;
  }
  if (endAt != null && endAt <= now) {
    add(
      'SCHEDULE_NEVER_FIRES',
      'endAt',
      'endAt 已经过去，不会再触发',
      'endAt has passed: it would never fire',
    );
  } else if (firstSlotAt(schedule, now) === null) {
    add(
      'SCHEDULE_NEVER_FIRES',
      schedule.kind === 'every' ? 'everyMs' : schedule.kind,
      '在给定的范围内永远不会触发',
      'It would never fire within its bounds',
    );
  }
  return problems;
}

/** The first slot a new task would have: after `now`; an `at` may lie just before it. */
function firstSlotAt(schedule: Schedule, now: number): number | null {
  const afterAt = schedule.kind === 'at' ? Math.min(now, schedule.at - 1) : now;
  return createSlotSource(schedule).next(afterAt);
}
