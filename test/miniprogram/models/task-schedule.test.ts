import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fireRows } from '../../../miniprogram/models/fire-rows.ts';
import { PREVIEWED, previewNeed, runsShort } from '../../../miniprogram/models/preview-need.ts';
import { type PreviewRead, taskSchedule } from '../../../miniprogram/models/task-schedule.ts';
import type { PreviewAnswer } from '../../../shared/api.ts';
import type { Task, TaskState } from '../../../shared/task.ts';
import { paperTask } from './support/paper.ts';

// The phone of these tests is in Shanghai, wherever they run.
process.env.TZ = 'Asia/Shanghai';

const NOW = Date.parse('2026-11-23T15:04:18+08:00');
const S = 1_000;

/** `text`: a local time with its offset, as the server gives it. */
function fire(text: string, offsetMs = 0): PreviewAnswer['fires'][number] {
  const plannedAt = Date.parse(text.replace(/^(\S+) (\S+) /, '$1T$2'));
  return { plannedAt, nominalAt: plannedAt - offsetMs, local: text };
}
const preview = (some: Partial<PreviewAnswer> = {}): PreviewAnswer => ({
  fires: [fire('2026-11-23 18:00:00 +08:00'), fire('2026-11-24 08:50:00 +08:00')],
  words: '每个工作日 08:50（Asia/Shanghai）',
  warnings: [],
  ...some,
});
const shown = (
  answer: PreviewAnswer | null,
  task: Task = paperTask(),
  {
    state = task.state,
    failed = '',
    nowAt = NOW,
  }: { state?: TaskState; failed?: string; nowAt?: number } = {},
  language: 'zh-CN' | 'en' = 'zh-CN',
) => {
  const read: PreviewRead = { preview: answer, previewFailed: failed };
  return taskSchedule(task, state, read, nowAt, language);
};
const rows = (fires: PreviewAnswer['fires'], language: 'zh-CN' | 'en' = 'zh-CN') =>
  fireRows(fires, NOW, language).rows.map(({ time, note }) => (note === '' ? time : `${time} | ${note}`));

describe('what is ahead', () => {
  it('is told by day, and with seconds only where a slot has some', () => {
    const fires = ['23 18:00:00', '24 08:50:00', '25 08:50:00'].map((at) => fire(`2026-11-${at} +08:00`));
    assert.deepEqual(rows(fires), ['今天 18:00', '明天 08:50', '周三 11 月 25 日 08:50']);
    assert.deepEqual(rows(fires, 'en'), ['Today 18:00', 'Tomorrow 08:50', 'Wed Nov 25 08:50']);
    const uneven = [fires[0]!, fire('2027-01-01 08:50:30 +08:00')];
    assert.deepEqual(rows(uneven), ['今天 18:00:00', '周五 2027 年 1 月 1 日 08:50:30']);
  });

  it('is told in the zone of the schedule, with the time of the phone beside it', () => {
    const london = [fire('2026-11-23 14:00:00 +00:00'), fire('2026-11-23 18:00:00 +00:00')];
    assert.deepEqual(rows(london), ['今天 14:00 | 手机 22:00', '今天 18:00 | 手机 11 月 24 日 02:00']);
    assert.equal(fireRows(london, NOW, 'zh-CN').elsewhere, true);
    assert.equal(fireRows([fire('2026-11-23 22:00:00 +08:00')], NOW, 'zh-CN').elsewhere, false);
  });

  it('tells two slots of one clock time apart by their offsets', () => {
    const back = [fire('2026-11-24 01:30:00 -04:00'), fire('2026-11-24 01:30:00 -05:00')];
    const times = fireRows(back, NOW, 'en').rows.map(({ time }) => time);
    assert.deepEqual(times, ['Tomorrow 01:30 -04:00', 'Tomorrow 01:30 -05:00']);
  });

  it('has the nominal time of a spread slot beside it, with its day where that differs', () => {
    const spread = [fire('2026-11-24 08:50:42 +08:00', 42 * S), fire('2026-11-25 00:00:12 +08:00', 42 * S)];
    assert.deepEqual(rows(spread.slice(0, 1)), ['明天 08:50:42 | 原定 08:50']);
    assert.deepEqual(rows(spread), [
      '明天 08:50:42 | 原定 08:50:00',
      '周三 11 月 25 日 00:00:12 | 原定 11 月 24 日 23:59:30',
    ]);
  });

  it('is read by the clock of the phone where the answer has no offset', () => {
    assert.deepEqual(rows([{ ...fire('2026-11-24 08:50:00 +08:00'), local: '' }]), ['明天 08:50']);
  });
});

describe('schedule card', () => {
  it('has the words of the server, five slots and no more, none of the past', () => {
    const fires = [10, 20, 30, 40, 50, 60, 70].map((s) => ({
      plannedAt: NOW + s * S,
      nominalAt: NOW + s * S,
      local: '2026-11-23 15:04:28 +08:00',
    }));
    const view = shown(preview({ fires }), paperTask({ decidedThroughAt: NOW + 20 * S }));
    assert.equal(view.words, '每个工作日 08:50（Asia/Shanghai）');
    assert.deepEqual(
      view.rows.map(({ key }) => Number(key) - NOW),
      [30, 40, 50, 60, 70].map((s) => s * S),
    );
    assert.equal(shown(preview({ fires }), paperTask(), { nowAt: NOW + 25 * S }).rows.length, 5);
    assert.equal(shown(preview({ fires })).rows.length, 5);
    assert.deepEqual([view.title, view.zone, view.reading], ['接下来', '', 'done']);
  });

  it('has the short words and says so while nothing was read, and why when nothing came', () => {
    const loading = shown(null, paperTask(), {}, 'en');
    assert.deepEqual(
      [loading.words, loading.title, loading.rows, loading.reading, loading.readingText],
      ['Every 30 s', '', [], 'loading', 'Loading'],
    );
    const failed = shown(null, paperTask(), { failed: '连不上服务器' });
    assert.deepEqual([failed.reading, failed.readingText], ['failed', '没有读到接下来的时间：连不上服务器']);
    const kept = shown(preview(), paperTask(), { failed: '连不上服务器' });
    assert.deepEqual([kept.reading, kept.rows.length], ['failed', 2], 'what is known stays');
  });

  it('names the zone where the phone shows another time', () => {
    const task = paperTask({ schedule: { kind: 'cron', cron: '0 14 * * *', timezone: 'Europe/London' } });
    const there = shown(preview({ fires: [fire('2026-11-24 14:00:00 +00:00')] }), task);
    assert.equal(there.zone, 'Europe/London 时间');
  });

  it('tells calendar and spread in plain words', () => {
    const spread = (some: Partial<Task>) =>
      paperTask({ ...some, schedule: { kind: 'every', everyMs: 60 * S, spreadMs: 59 * S } });
    const about = (task: Task, offsetMs?: number) => {
      const known = offsetMs === undefined ? null : preview({ spread: { withinMs: 59 * S, offsetMs } });
      return shown(known, task).about;
    };
    assert.deepEqual(about(spread({}), 42 * S), ['为错峰，固定晚 42 秒']);
    assert.deepEqual(about(spread({}), 0), ['错峰范围 59 秒，这个任务正好不用晚']);
    assert.deepEqual(about(spread({})), ['为错峰，固定晚不到 59 秒']);
    assert.deepEqual(about(spread({ nextFireAt: 7_317, nominalAt: 7_000 })), ['为错峰，固定晚 317 毫秒']);
    assert.deepEqual(about(paperTask()), []);
    const on = (calendar: 'all' | 'cn_workdays' | 'cn_holidays') =>
      about(paperTask({ schedule: { kind: 'every', everyMs: 60 * S, calendar } }));
    assert.deepEqual(on('cn_workdays'), ['法定工作日，含调休补班']);
    assert.deepEqual(on('cn_holidays'), ['周末和法定节假日，不含调休补班']);
    assert.deepEqual(on('all'), []);
  });

  it('passes every warning on in the words of the server, known code or not', () => {
    const warnings = [
      { code: 'CALENDAR_NOT_COVERED', message: '2027 年的放假安排尚未公布', at: NOW + 1 },
      { code: 'LATER_CODE', message: '以后的', at: null },
    ] as PreviewAnswer['warnings'];
    const { notes } = shown(preview({ warnings }));
    assert.deepEqual(
      notes.map(({ text }) => text),
      ['2027 年的放假安排尚未公布', '以后的'],
    );
    assert.equal(new Set(notes.map(({ key }) => key)).size, 2);
  });

  it('of a paused task says what a resume would bring; of an ended one, that nothing comes, without a warning', () => {
    const warnings: PreviewAnswer['warnings'] = [{ code: 'NEVER_FIRES', message: '不会再触发', at: null }];
    const paused = shown(preview({ warnings }), paperTask(), { state: 'paused' });
    assert.deepEqual([paused.title, paused.rows.length, paused.notes.length], ['如果现在恢复', 2, 1]);
    const ended = shown(preview({ warnings }), paperTask({ state: 'ended' }));
    assert.deepEqual([ended.title, ended.rows, ended.notes], ['', [], []]);
    assert.notEqual(ended.words, '');
  });

  it('of a bounded number of slots names only the one that is certain', () => {
    const first = preview().fires[0]!.plannedAt;
    const bounded = (nextFireAt: number | null) =>
      shown(preview(), paperTask({ nextFireAt, schedule: { kind: 'every', everyMs: S, maxSlots: 3 } })).rows;
    assert.deepEqual(
      bounded(first).map(({ key }) => key),
      [String(first)],
    );
    assert.deepEqual(bounded(null), []);
  });
});

describe('need of a preview', () => {
  const task = paperTask();
  it('is there for another schedule, another version and another state', () => {
    assert.equal(previewNeed(null, task), 'anew');
    assert.equal(previewNeed(task, { ...task, schedule: { kind: 'every', everyMs: 5 * S } }), 'anew');
    assert.equal(previewNeed(task, { ...task, version: 2 }), 'again');
    assert.equal(previewNeed(task, { ...task, state: 'paused' }), 'again');
    assert.equal(previewNeed(task, { ...task, nextFireAt: 1 }), 'none');
  });

  it('comes back when few are left, but not when all were told', () => {
    const many = (count: number) =>
      preview({
        fires: Array.from({ length: count }, (_, k) => ({ plannedAt: k, nominalAt: k, local: '' })),
      });
    assert.equal(runsShort(null, 0), false);
    assert.equal(runsShort(many(PREVIEWED), PREVIEWED - 6), false);
    assert.equal(runsShort(many(PREVIEWED), PREVIEWED - 5), true);
    assert.equal(runsShort(many(PREVIEWED - 1), PREVIEWED), false);
  });
});
