import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runOfSummary } from '../../../miniprogram/models/known-runs.ts';
import { latenessBars } from '../../../miniprogram/models/lateness-bars.ts';
import { type StatusExtras, statusPage } from '../../../miniprogram/models/status-page.ts';
import {
  NO_STATUS,
  reduceTask,
  type TaskInput,
  type TaskStatus,
} from '../../../miniprogram/models/task-status.ts';
import { type RowsFor, runRows, verdictRows } from '../../../miniprogram/models/verdict-rows.ts';
import { SKIP_REASONS, type SlotItem } from '../../../shared/run.ts';
import { paperRun, paperTask, TASK_ID } from './support/paper.ts';

/** 2026-11-23 15:04:18 in Shanghai. */
const NOW = Date.parse('2026-11-23T07:04:18Z');
const NONE: StatusExtras = { preview: null, previewFailed: '', stats: null, audit: null };
const CRON = { kind: 'cron', cron: '*/30 * * * * *', timezone: 'Asia/Shanghai' } as const;
const how: RowsFor = { language: 'zh-CN', nowAt: NOW, zone: 'Asia/Shanghai', lateAfterMs: 1_000 };

const read = (task = paperTask(), ...more: TaskInput[]): TaskStatus =>
  [{ kind: 'task', task, fresh: true } as TaskInput, ...more].reduce(
    (status, input) => reduceTask(status, input).status,
    NO_STATUS,
  );
const page = (status: TaskStatus, extras = NONE, day: string | null = null) =>
  statusPage(status, extras, { tab: 'verdicts', day }, NOW, 'zh-CN');
const head = (status: TaskStatus, extras = NONE) => page(status, extras)!.head;
const slot = (plannedAt: number, some: Partial<SlotItem> = {}): SlotItem => ({
  plannedAt,
  toAt: plannedAt + 1,
  count: 1,
  verdict: 'fired',
  reason: null,
  runId: `${TASK_ID}:${plannedAt}`,
  lateByMs: 2,
  ...some,
});

describe('status page', () => {
  it('is nothing before the task was read', () => {
    assert.equal(page(NO_STATUS), null);
  });

  it('counts down to the next slot and names it', () => {
    const task = paperTask({ schedule: CRON, nextFireAt: NOW + 12_000 });
    const fires = [12_000, 42_000, 72_000].map((ms) => ({
      plannedAt: NOW + ms,
      nominalAt: NOW + ms,
      local: '',
    }));
    const shown = head(read(task), { ...NONE, preview: { fires, words: '', warnings: [] } });
    assert.equal(shown.countdown, '00:12');
    assert.equal(shown.next, '下一次 15:04:30');
    assert.equal(shown.plan, '每 30 秒 · 亚洲/上海');
  });

  it('goes on with what was previewed when a decided slot named no next one', () => {
    const at = NOW + 5_000;
    const preview = { fires: [{ plannedAt: at, nominalAt: at, local: '' }], words: '', warnings: [] };
    assert.equal(head(read(paperTask({ nextFireAt: NOW - 1 })), { ...NONE, preview }).countdown, '00:05');
    const decided = paperTask({ nextFireAt: null, decidedThroughAt: at });
    assert.equal(head(read(decided), { ...NONE, preview }).countdown, '', 'that one is decided');
    const bounded = paperTask({ schedule: { ...CRON, maxSlots: 3 }, nextFireAt: null });
    assert.equal(head(read(bounded), { ...NONE, preview }).countdown, '', 'it may have been the last');
  });

  it('says what state it is in, with a shape', () => {
    const badge = (status: TaskStatus) => [head(status).badge, head(status).badgeText];
    assert.deepEqual(badge(read()), ['ontime', '准点运行']);
    assert.deepEqual(badge(read(paperTask({ health: 'failing' }))), ['failed', '失败']);
    assert.deepEqual(badge(read(paperTask({ health: 'late' }))), ['late', '迟到']);
    assert.deepEqual(badge(read(paperTask({ state: 'paused' }))), ['skipped', '已暂停']);
    assert.deepEqual(badge(read(paperTask({ state: 'ended' }))), ['skipped', '已结束']);
    assert.deepEqual(badge(read(paperTask({ health: 'unknown' }))), ['skipped', '还没有运行过']);
    const lastRun = paperRun({ id: `${TASK_ID}:manual:a`, trigger: 'manual', state: 'succeeded' });
    const byHand = read(paperTask({ health: 'unknown', lastRun }));
    assert.deepEqual(badge(byHand), ['skipped', '只手动运行过']);
    assert.deepEqual(badge(read(paperTask(), { kind: 'ask' })), ['running', '排队中']);
    const start = (ms: number): TaskInput => ({
      kind: 'event',
      type: 'run.started',
      payload: { taskId: TASK_ID, runId: `${TASK_ID}:${NOW - ms}`, at: NOW - ms },
    });
    assert.equal(badge(read(paperTask(), start(300)))[1], '准点运行', 'a short run makes no flicker');
    assert.deepEqual(badge(read(paperTask(), start(5_000))), ['running', '运行中']);
    const told = read(paperTask(), start(300), {
      kind: 'progress',
      runId: `${TASK_ID}:${NOW - 300}`,
      progress: 62,
    });
    assert.deepEqual([...badge(told), head(told).progress], ['running', '运行中 62%', 62]);
  });

  it('shows a pause at once, and what may be done then', () => {
    const wished = head(read(paperTask({ nextFireAt: NOW + 1 }), { kind: 'wish', state: 'paused' }));
    assert.deepEqual(
      [wished.badgeText, wished.countdown, wished.canPause, wished.canResume],
      ['已暂停', '', false, true],
    );
    const ended = head(read(paperTask({ state: 'ended' })));
    assert.deepEqual([ended.canPause, ended.canResume], [false, false]);
  });

  it('shows the figures and the proof, and what is missing from it', () => {
    const punctuality = { onTimePct: 99.98, p50Ms: 3, p99Ms: 21 };
    const audit = {
      fromAt: 0,
      toAt: 1,
      planned: 86_400,
      fired: 86_400,
      caughtUp: 0,
      skipped: {},
      folded: false,
    };
    const good = page(read(), {
      ...NONE,
      stats: { days: [], punctuality },
      audit: { ...audit, unaccounted: 0, ok: true },
    })!;
    assert.deepEqual(
      good.figures.map(({ value }) => value),
      ['99.98%', '3 毫秒', '21 毫秒', '86,400'],
    );
    assert.equal(good.auditText, '过去一天应发 86,400 次，每次都有结论');
    const bad = page(read(), { ...NONE, audit: { ...audit, unaccounted: 2, ok: false } })!;
    assert.deepEqual([bad.figures[3]?.label, bad.figures[3]?.bad], ['2 次未判定', true]);
    assert.equal(page(read())!.figures[3]?.value, '–');
  });

  it('shows ninety days, and the chosen one in words', () => {
    const stats = {
      day: '2026-11-22',
      planned: 2_880,
      onTime: 2_879,
      late: 1,
      caughtUp: 0,
      skipped: 0,
      succeeded: 2_880,
      failed: 0,
    };
    const extras = { ...NONE, stats: { days: [stats], punctuality: paperTask().punctuality } };
    const shown = page(read(), extras, '2026-11-22')!;
    assert.equal(shown.days.length, 90);
    assert.equal(shown.chosenDay, 88);
    assert.equal(shown.days[88]?.shape, 'late');
    assert.equal(shown.dayText, '11 月 22 日，应发 2,880 次：准点 2,879，迟到 1，补跑 0，跳过 0，失败 0');
    assert.equal(shown.days[89]?.label, '11 月 23 日，没有计划');
    assert.equal(shown.daysFrom, '8 月 26 日');
  });
});

describe('verdict rows', () => {
  const at = Date.parse('2026-11-23T07:04:00Z');
  const one = (
    item: SlotItem,
    run = paperRun({ id: item.runId ?? '', state: 'succeeded', startedAt: at, endedAt: at + 182 }),
  ) => verdictRows([item], item.runId === null ? [] : [runOfSummary(run)], how)[0]!;

  it('say how late a slot was, by number and shape', () => {
    assert.deepEqual(one(slot(at)), {
      key: String(at),
      time: '15:04:00',
      note: '成功 · 用时 182 毫秒',
      kind: 'ontime',
      text: '准点 · 2 毫秒',
      runId: `${TASK_ID}:${at}`,
    });
    const kinds = (item: SlotItem) => [one(item).kind, one(item).text];
    assert.deepEqual(
      kinds(slot(at, { lateByMs: 1_000 })),
      ['ontime', '准点 · 1 秒'],
      'the limit itself is on time',
    );
    assert.deepEqual(kinds(slot(at, { lateByMs: 9_000 })), ['late', '迟到 9 秒']);
    assert.deepEqual(kinds(slot(at, { verdict: 'caught_up', lateByMs: 9_000 })), [
      'late',
      '补跑 · 迟到 9 秒',
    ]);
  });

  it('say that a run failed, or is under way', () => {
    const failed = one(slot(at), paperRun({ id: `${TASK_ID}:${at}`, state: 'failed' }));
    assert.deepEqual([failed.kind, failed.text], ['failed', '失败 · 迟到 2 毫秒']);
    const queued = one(
      slot(at, { lateByMs: null }),
      paperRun({ id: `${TASK_ID}:${at}`, state: 'queued', lateByMs: null }),
    );
    assert.deepEqual([queued.kind, queued.text, queued.note], ['running', '已触发', '排队中']);
  });

  it('say why slots were skipped, how many, and from when to when', () => {
    const skipped = slot(at, {
      toAt: at + 30_001,
      count: 2,
      verdict: 'skipped',
      reason: 'overlap',
      runId: null,
      lateByMs: null,
    });
    const row = one(skipped);
    assert.deepEqual(
      [row.time, row.text, row.note, row.kind, row.runId],
      ['15:04:00 至 15:04:30 · 2 次', '跳过 · 重叠', '上一次未结束', 'skipped', ''],
    );
    for (const reason of SKIP_REASONS) assert.notEqual(one({ ...skipped, reason }).note, '', reason);
  });

  it('list runs by what asked for them', () => {
    const rows = runRows(
      [runOfSummary(paperRun({ trigger: 'manual', state: 'timed_out', startedAt: at, endedAt: at + 3_000 }))],
      how,
    );
    assert.deepEqual([rows[0]?.note, rows[0]?.kind, rows[0]?.text], ['手动 · 用时 3 秒', 'failed', '超时']);
  });
});

describe('lateness bars', () => {
  const runs = [9_000, 3, 21].map((lateByMs, i) =>
    runOfSummary(paperRun({ id: `${TASK_ID}:${i}`, lateByMs })),
  );

  it('are the last slots, oldest first, and grow with lateness', () => {
    const { bars, most } = latenessBars(runs, 1_000, 'zh-CN')!;
    assert.deepEqual(
      bars.map(({ late }) => late),
      [false, false, true],
    );
    assert.ok(bars[1]!.height < bars[0]!.height && bars[0]!.height < bars[2]!.height);
    assert.equal(bars[2]!.height, 100);
    assert.equal(most, '最多 9 秒');
  });

  it('leave out runs asked for by hand, and are no line below two', () => {
    const manual = runOfSummary(paperRun({ id: 'm', trigger: 'manual', lateByMs: 99 }));
    assert.equal(latenessBars([manual, ...runs.slice(0, 1)], 1_000, 'zh-CN'), null);
  });
});
