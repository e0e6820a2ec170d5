/** What a calendar does not know: the holidays of years whose plan is not published, or not in the data. Pure. */
import type { PreviewWarning } from '../../shared/api.ts';
import type { Schedule } from '../../shared/task.ts';
import { lastCoveredYear } from './calendar.ts';
import type { Locale } from './length-words.ts';
import { createSlotSource } from './schedule.ts';
import { usesUp } from './uses-up.ts';
import { dayBounds, localText, scheduleZone } from './zone-day.ts';

/**
 * The warning that slots are judged by weekdays alone from some instant on (its `at`: the first such slot, offset included);
 * null where a schedule has none. `left` slots may still come after `afterAt`.
 */
export function calendarWarning(
  schedule: Schedule,
  offsetMs: number,
  afterAt: number,
  left: number,
  locale: Locale,
): PreviewWarning | null {
  if ((schedule.calendar ?? 'all') === 'all') return null;
  const timezone = scheduleZone(schedule);
  const lastYear = lastCoveredYear();
  const uncoveredAt = dayBounds(`${lastYear + 1}0101`, timezone).fromAt;
  const source = createSlotSource(schedule);
  const fromAt = afterAt + 1 - offsetMs;
  const nominalAt = source.next(Math.max(fromAt, uncoveredAt) - 1);
  if (nominalAt === null || usesUp(schedule, fromAt, uncoveredAt, left)) return null;
  const at = nominalAt + offsetMs;
  const local = localText(at, timezone);
  const message =
    locale === 'zh-CN'
      ? `放假安排只收录到 ${lastYear} 年：从 ${local} 起按周一至周五为工作日计算，不含节假日和调休，直到服务器更新数据。`
      : `Public holidays are known up to ${lastYear}: from ${local} on only Monday to Friday count as work days, without holidays and make-up days, until the server's data is updated.`;
  return { code: 'CALENDAR_NOT_COVERED', message, at };
}
