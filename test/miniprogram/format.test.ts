import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  capitalised,
  clockCountdown,
  countdownText,
  countText,
  durationText,
  elapsedText,
  latenessText,
  percentText,
  remainingText,
} from '../../miniprogram/lib/format.ts';
import { runStateText, skipReasonText, verdictText } from '../../miniprogram/lib/run-words.ts';
import { scheduleWords } from '../../miniprogram/lib/schedule-words.ts';
import { RUN_TRANSITIONS, type RunState, SKIP_REASONS } from '../../shared/run.ts';
import type { Calendar, Schedule } from '../../shared/task.ts';

const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

test('what goes on is told in whole seconds, from nought on', () => {
  assert.equal(elapsedText(-40, 'zh-CN'), '0 秒');
  assert.equal(elapsedText(999, 'en'), '0 s');
  assert.equal(elapsedText(61_900, 'en'), '1 min 01 s');
});

test('a line begins with a capital; Chinese has none', () => {
  assert.equal(capitalised('timed out'), 'Timed out');
  assert.equal(capitalised('超时'), '超时');
  assert.equal(capitalised(''), '');
});

test('lengths are said in at most two units', () => {
  const cases: [number, string, string][] = [
    [-5, '0 毫秒', '0 ms'],
    [0, '0 毫秒', '0 ms'],
    [3, '3 毫秒', '3 ms'],
    [999.9, '999 毫秒', '999 ms'],
    [1000, '1 秒', '1 s'],
    [41_999, '41 秒', '41 s'],
    [4 * MIN, '4 分', '4 min'],
    [4 * MIN + 8 * S, '4 分 08 秒', '4 min 08 s'],
    [2 * H, '2 小时', '2 h'],
    [2 * H + 5 * MIN + 59 * S, '2 小时 05 分', '2 h 05 min'],
    [D, '1 天', '1 d'],
    [D + 2 * H + MIN, '1 天 2 小时', '1 d 2 h'],
    [1500 * D, '1,500 天', '1,500 d'],
  ];
  for (const [ms, zh, en] of cases) {
    assert.equal(durationText(ms, 'zh-CN'), zh);
    assert.equal(durationText(ms, 'en'), en);
  }
});

test('lateness is a number with its unit, or nothing while it is not known', () => {
  assert.equal(latenessText(3, 'zh-CN'), '迟到 3 毫秒');
  assert.equal(latenessText(4 * MIN, 'zh-CN'), '迟到 4 分');
  assert.equal(latenessText(3, 'en'), '3 ms late');
  assert.equal(latenessText(0, 'en'), '0 ms late');
  assert.equal(latenessText(null, 'en'), '');
});

test('countdowns round up, so that the last second is 1 and not 0', () => {
  assert.equal(countdownText(12 * S, 'zh-CN'), '12 秒后');
  assert.equal(countdownText(11_001, 'zh-CN'), '12 秒后');
  assert.equal(countdownText(1, 'en'), 'in 1 s');
  assert.equal(countdownText(0, 'en'), 'now');
  assert.equal(countdownText(-1, 'zh-CN'), '即将');
  assert.equal(remainingText(59_001, 'zh-CN'), '1 分');
  assert.equal(remainingText(0, 'zh-CN'), '');
  assert.equal(clockCountdown(12 * S, 'en'), '00:12');
  assert.equal(clockCountdown(H + 4 * MIN + 7_001, 'en'), '1:04:08');
  assert.equal(clockCountdown(-5, 'en'), '00:00');
  assert.equal(clockCountdown(D + 2 * H, 'zh-CN'), '1 天 2 小时');
});

test('property: a countdown never goes up as time passes, and is over exactly at zero', () => {
  const seconds = (text: string) => text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: D - 1 }), fc.integer({ min: 0, max: D - 1 }), (a, b) => {
      const [less, more] = a < b ? [a, b] : [b, a];
      assert.ok(seconds(clockCountdown(less, 'en')) <= seconds(clockCountdown(more, 'en')));
      assert.equal(seconds(clockCountdown(a, 'en')) === 0, a === 0);
      assert.equal(countdownText(a, 'en') === 'now', a === 0);
    }),
  );
});

test('property: a length never says more than there is, and differs by less than its smaller unit', () => {
  const units: Record<string, number> = { ms: 1, s: S, min: MIN, h: H, d: D };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 900 * D }), (ms) => {
      const words = durationText(ms, 'en').split(' ');
      let said = 0;
      for (let i = 0; i < words.length; i += 2)
        said += Number(words[i]) * (units[words[i + 1] ?? ''] ?? Number.NaN);
      const smallest = units[words.at(-1) ?? ''] ?? Number.NaN;
      // A round number leaves the smaller unit out.
      const below =
        { 1: 1, [S]: S, [MIN]: S, [H]: MIN, [D]: H }[words.length === 2 ? smallest : -1] ?? smallest;
      assert.ok(said <= ms && ms - said < below, `${ms}: ${words.join(' ')}`);
    }),
  );
});

test('percentages keep two decimals and never round up to 100', () => {
  const cases: [number | null, string][] = [
    [99.98, '99.98%'],
    [99.999, '99.99%'],
    [100, '100%'],
    [0, '0%'],
    [57.1, '57.1%'],
    [29.29, '29.29%'],
    [null, '–'],
    [101, '100%'],
  ];
  for (const [percent, text] of cases) assert.equal(percentText(percent), text);
  assert.equal(countText(86_400), '86,400');
  assert.equal(countText(999), '999');
  assert.equal(countText(1_234_567), '1,234,567');
});

test('schedules in a few words; what has none is shown as its pattern', () => {
  const every = (everyMs: number): Schedule => ({ kind: 'every', everyMs });
  const cron = (pattern: string): Schedule => ({ kind: 'cron', cron: pattern });
  const on = (calendar: Calendar, schedule: Schedule): Schedule => ({ ...schedule, calendar });
  const cases: [Schedule, string, string][] = [
    [every(30 * S), '每 30 秒', 'every 30 s'],
    [every(90 * S), '每 90 秒', 'every 90 s'],
    [every(5 * MIN), '每 5 分钟', 'every 5 min'],
    [every(90 * MIN), '每 90 分钟', 'every 90 min'],
    [every(2 * H), '每 2 小时', 'every 2 h'],
    [every(D), '每天', 'every day'],
    [every(1500), '每 1,500 毫秒', 'every 1,500 ms'],
    [every(3_601 * S), '每 3,601 秒', 'every 3,601 s'],
    [cron('*/30 * * * * *'), '每 30 秒', 'every 30 s'],
    [cron('* * * * *'), '每分钟', 'every minute'],
    [cron('0 */5 * * * *'), '每 5 分钟', 'every 5 min'],
    [cron('0 */2 * * *'), '每 2 小时', 'every 2 h'],
    [cron('*/7 * * * *'), '*/7 * * * *', '*/7 * * * *'],
    [cron('30 8 * * *'), '每天 08:30', 'daily 08:30'],
    [cron('15 30 8 * * *'), '每天 08:30:15', 'daily 08:30:15'],
    [cron('50 8 * * 1-5'), '周一至周五 08:50', 'Mon–Fri 08:50'],
    [cron('0 9 * * 7'), '每周日 09:00', 'Sun 09:00'],
    [cron('0 9 * * 3'), '每周三 09:00', 'Wed 09:00'],
    [cron('0 9 31 * *'), '每月 31 日 09:00', 'day 31 of the month, 09:00'],
    [cron('0 9 1 1 *'), '0 9 1 1 *', '0 9 1 1 *'],
    [cron('0 9 1 * 1'), '0 9 1 * 1', '0 9 1 * 1'],
    [cron('0 8-18 * * *'), '0 8-18 * * *', '0 8-18 * * *'],
    [cron('@daily'), '@daily', '@daily'],
    [cron('0 30 8 ? * *'), '每天 08:30', 'daily 08:30'],
    [cron('0 30 8 * * * *'), '每天 08:30', 'daily 08:30'],
    [cron('0 30 8 * * * 2026'), '每天 08:30 · 2026 年', 'daily 08:30, in 2026'],
    [cron('0 0 9 * * 0 2026-2028'), '每周日 09:00 · 2026–2028 年', 'Sun 09:00, in 2026–2028'],
    [cron('0 */5 * * * * 2026,2028'), '每 5 分钟 · 2026, 2028 年', 'every 5 min, in 2026, 2028'],
    [cron('0 30 8 * * * */2'), '0 30 8 * * * */2', '0 30 8 * * * */2'],
    [cron('0 0 9 1 10 * 2026'), '0 0 9 1 10 * 2026', '0 0 9 1 10 * 2026'],
    [on('cn_workdays', cron('30 8 * * *')), '工作日 08:30', 'CN workdays 08:30'],
    [on('cn_holidays', cron('30 8 * * *')), '休息日 08:30', 'CN days off 08:30'],
    [on('cn_workdays', cron('0 30 8 * * * 2026')), '工作日 08:30 · 2026 年', 'CN workdays 08:30, in 2026'],
    [on('cn_workdays', cron('0 9 * * 1')), '每周一 09:00 · 仅工作日', 'Mon 09:00, CN workdays'],
    [on('cn_holidays', every(30 * S)), '每 30 秒 · 仅休息日', 'every 30 s, CN days off'],
    [on('cn_workdays', cron('0 8-18 * * *')), '0 8-18 * * * · 仅工作日', '0 8-18 * * *, CN workdays'],
    [on('all', cron('30 8 * * *')), '每天 08:30', 'daily 08:30'],
  ];
  for (const [schedule, zh, en] of cases) {
    assert.equal(scheduleWords(schedule, 0, 'zh-CN'), zh);
    assert.equal(scheduleWords(schedule, 0, 'en'), en);
  }
  const at = new Date(2026, 10, 24, 8, 50).getTime();
  assert.equal(scheduleWords({ kind: 'at', at }, at, 'zh-CN'), '11 月 24 日 08:50 一次');
  assert.equal(scheduleWords({ kind: 'at', at }, at, 'en'), 'once, Nov 24 08:50');
});

test('every state, verdict and reason of the contract has words; later ones are shown as they are', () => {
  const states = new Set<RunState>(RUN_TRANSITIONS.flatMap(({ from, to }) => [from, to]));
  for (const language of ['zh-CN', 'en'] as const) {
    const words = [...states].map((state) => runStateText(state, language));
    assert.equal(new Set(words).size, 9);
    const reasons = SKIP_REASONS.map((reason) => skipReasonText(reason, language));
    assert.equal(new Set(reasons).size, SKIP_REASONS.length);
    for (const word of [...words, ...reasons]) assert.doesNotMatch(word, /_|format\./);
  }
  assert.equal(verdictText('caught_up', 'zh-CN'), '补跑');
  assert.equal(skipReasonText('overlap', 'zh-CN'), '重叠');
  assert.equal(runStateText('later_state' as RunState, 'en'), 'later_state');
});
