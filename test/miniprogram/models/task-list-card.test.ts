import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type LiveTask, toLiveTask } from '../../../miniprogram/models/live-task.ts';
import { taskCard, taskWhen } from '../../../miniprogram/models/task-card.ts';
import type { FeedState } from '../../../miniprogram/models/task-feed.ts';
import { emptyTaskList } from '../../../miniprogram/models/task-list.ts';
import { taskPage } from '../../../miniprogram/models/task-page.ts';
import { createTaskRows } from '../../../miniprogram/models/task-rows.ts';
import { bare, MiniTask } from './task-list-server.ts';

const AT = 1_000_000;

const slot = (some: Partial<LiveTask['recent'][number]> = {}): LiveTask['recent'][number] => ({
  ...bare(AT),
  verdict: 'fired',
  runId: `a:${AT}`,
  state: 'succeeded',
  lateByMs: 3,
  ...some,
});
const live = (some: Partial<LiveTask> = {}): LiveTask => ({
  ...toLiveTask(new MiniTask('a', AT).read()),
  name: '官网可用性',
  health: 'healthy',
  schedule: { kind: 'every', everyMs: 30_000 },
  nextFireAt: AT + 12_000,
  ...some,
});
const said = ({ before, strong, after }: ReturnType<typeof taskWhen>) => `${before}[${strong}]${after}`;

describe('card', () => {
  it('is one glance, in both languages', () => {
    const task = live({ recent: [slot()] });
    const zh = taskCard(task, AT, 'zh-CN');
    assert.deepEqual(
      [zh.badge, zh.badgeText, zh.plan, zh.last],
      ['ontime', '准点', '每 30 秒', '上次 迟到 3 毫秒'],
    );
    const en = taskCard(task, AT, 'en');
    assert.deepEqual([en.badgeText, en.plan, en.last], ['On time', 'every 30 s', 'Last: 3 ms late']);
    assert.equal(said(taskWhen(task, AT, 'zh-CN')), '[12 秒]后');
    assert.equal(said(taskWhen(task, AT, 'en')), 'in [12 s]');
    assert.match(zh.label, /官网可用性.*准点.*最近 1 次：准点 1，迟到 0，失败 0，跳过 0/);
  });

  it('has thirty bars, oldest first, each state with its own', () => {
    const states = [
      slot({ state: 'running', lateByMs: 1 }),
      slot({ state: 'retry_wait' }),
      slot({ state: 'queued', lateByMs: null }),
      slot({ state: 'timed_out', late: true }),
      slot({ state: 'cancelled' }),
      { ...bare(AT), verdict: 'skipped' as const, reason: 'overlap' as const },
      slot({ verdict: 'caught_up' }),
      slot({ late: true, lateByMs: 5_000 }),
      slot(),
    ];
    const { bars } = taskCard(live({ recent: states }), AT, 'en');
    assert.equal(bars.length, 30);
    assert.equal(bars.join('').replace(/^n+/, ''), 'ollssfwwr');
  });

  it('what a person asked for was planned by nobody and is not late', () => {
    const byHand = slot({ runId: 'a:manual:x', verdict: null, late: true, lateByMs: 4_000 });
    const card = taskCard(live({ recent: [byHand] }), AT, 'zh-CN');
    assert.equal(card.last, '上次 手动 · 成功');
    assert.equal(card.bars.at(-1), 'o');
    const backfill = { ...byHand, runId: 'a:backfill:1', state: 'failed' as const };
    assert.equal(taskCard(live({ recent: [backfill] }), AT, 'en').last, 'Last: Backfill · failed');
    const runs = { ...byHand, state: 'running' as const };
    assert.equal(taskCard(live({ recent: [runs] }), AT, 'en').last, 'By hand');
  });

  it('the badge: running before paused before failing before late', () => {
    const badge = (some: Partial<LiveTask>) => {
      const { badge: kind, badgeText } = taskCard(live(some), AT, 'zh-CN');
      return `${kind} ${badgeText}`;
    };
    const running = [slot({ state: 'running', progress: 62 })];
    assert.equal(badge({ state: 'paused', health: 'failing', recent: running }), 'running 运行中 62%');
    assert.equal(badge({ state: 'paused', health: 'failing' }), 'skipped 已暂停');
    assert.equal(badge({ health: 'failing', recent: [slot({ state: 'retry_wait' })] }), 'failed 失败');
    assert.equal(badge({ recent: [slot({ state: 'retry_wait' })] }), 'late 等待重试');
    assert.equal(badge({ health: 'late' }), 'late 迟到');
    assert.equal(badge({ state: 'ended' }), 'skipped 已结束');
    assert.equal(badge({ health: 'unknown' }), 'skipped 未运行');
    const byHand = slot({ runId: 'a:manual:x', verdict: null });
    assert.equal(badge({ health: 'unknown', recent: [byHand] }), 'skipped 仅手动运行');
  });

  it('the last verdict is said with its words and numbers', () => {
    const last = (...recent: LiveTask['recent'][number][]) => taskCard(live({ recent }), AT, 'zh-CN').last;
    assert.equal(last(), '');
    assert.equal(last(slot({ state: 'timed_out', lateByMs: 3_000 })), '上次 超时 · 迟到 3 秒');
    assert.equal(last(slot({ verdict: 'caught_up', lateByMs: 240_000 })), '上次 补跑 · 迟到 4 分');
    assert.equal(
      last({ ...bare(AT), count: 1_204, verdict: 'skipped', reason: 'overlap' }),
      '上次 跳过 × 1,204 · 重叠',
    );
    assert.equal(last(slot({ state: 'running', lateByMs: 7 }), slot()), '迟到 7 毫秒');
    assert.equal(last(slot({ state: 'queued', lateByMs: null }), slot()), '上次 迟到 3 毫秒');
  });

  it('counts down, or up once a run has taken two seconds', () => {
    const when = (some: Partial<LiveTask>, nowAt = AT) => said(taskWhen(live(some), nowAt, 'zh-CN'));
    assert.equal(when({ nextFireAt: AT + 248_000 }), '[4 分 08 秒]后');
    assert.equal(when({ nextFireAt: AT }), '[即将]');
    assert.equal(when({ nextFireAt: null }), '没有下一次[]');
    assert.equal(when({ state: 'paused', nextFireAt: null }), '[]');
    const running = [slot({ state: 'running', lateByMs: 0, attempt: 1 })];
    assert.equal(when({ recent: running }, AT + 1_999), '[11 秒]后');
    assert.equal(when({ recent: running, nextFireAt: AT + 60_000 }, AT + 41_000), '已用 [41 秒]');
    const second = [slot({ state: 'running', lateByMs: 0, attempt: 2 })];
    assert.equal(when({ recent: second }, AT + 2_000), '第 2 次尝试 · 已用 [2 秒]');
    const waiting = [slot({ state: 'retry_wait', attempt: 1, retryAt: AT + 8_000 })];
    assert.equal(when({ recent: waiting }), '重试 2/3 · [8 秒]后');
    assert.equal(when({ recent: waiting }, AT + 9_000), '重试 2/3[]');
    assert.equal(when({ recent: [slot({ state: 'retry_wait' })] }), '等待重试[]');
  });
});

describe('rows', () => {
  const many = (count: number) => {
    const tasks = new Map(Array.from({ length: count }, (_, n) => [`t${n}`, live({ id: `t${n}` })] as const));
    return { ...emptyTaskList(), tasks, ids: [...tasks.keys()] };
  };

  it('are the same objects until something is to be shown', () => {
    const make = createTaskRows();
    const list = many(200);
    const first = make.rows(list, AT, 'en', 0);
    const same = make.rows(list, AT + 200, 'en', 0);
    assert.ok(same.every((row, at) => row === first[at]));
    const changed = { ...list, tasks: new Map(list.tasks).set('t7', live({ id: 't7', name: 'new' })) };
    const next = make.rows(changed, AT, 'en', 0);
    assert.deepEqual(
      next.flatMap((row, at) => (row === first[at] ? [] : [at])),
      [7],
    );
    assert.equal(next[7]!.card.name, 'new');
  });

  it('tick near the screen only, and catch up when they are scrolled to', () => {
    const make = createTaskRows();
    const list = many(200);
    make.rows(list, AT, 'en', 0);
    const later = make.rows(list, AT + 1_000, 'en', 112 * 100);
    const ticked = later.flatMap((row, at) => (row.when.strong === '11 s' ? [at] : []));
    assert.ok(ticked.length < 40 && ticked.includes(100) && ticked.includes(112) && !ticked.includes(0));
    assert.equal(make.rows(list, AT + 1_000, 'en', 0)[0]!.when.strong, '11 s');
  });

  it('speak another language at once, wherever they are', () => {
    const make = createTaskRows();
    make.rows(many(50), AT, 'en', 0);
    assert.ok(make.rows(many(50), AT, 'zh-CN', 0).every(({ card }) => card.plan === '每 30 秒'));
  });
});

describe('around the cards', () => {
  const state = (some: Partial<FeedState> = {}, list: Partial<FeedState['list']> = {}): FeedState => ({
    list: { ...emptyTaskList(), counts: { all: 1_200, running: 1, troubled: 0, paused: 2 }, ...list },
    face: 'content',
    error: null,
    keptAt: null,
    loadingMore: false,
    moreFailed: false,
    stale: false,
    ...some,
  });
  const zh = (some: Partial<FeedState> = {}, list: Partial<FeedState['list']> = {}) =>
    taskPage(state(some, list), AT, 'zh-CN');
  const offline = { code: 'NETWORK', message: 'x' };

  it('segments carry their counts once these are known', () => {
    const { segments } = zh({}, { segment: 'paused' });
    assert.deepEqual(
      segments.map(({ name, count, on }) => `${name} ${count}${on ? '*' : ''}`),
      ['全部 1,200', '运行中 1', '异常 0', '暂停 2*'],
    );
    assert.equal(zh({}, { counts: null }).segments[0]!.count, '');
  });

  it('the banner: offline with the time of the list, another error, reconnecting, none', () => {
    assert.match(
      zh({ error: offline, keptAt: AT }).banner.text,
      /^网络不可用，显示的是 .*\d\d:\d\d:\d\d 的列表$/,
    );
    assert.equal(zh({ error: offline }).banner.text, '网络不可用');
    assert.equal(zh({ error: { code: 'INTERNAL', message: '坏了' } }).banner.text, '没能刷新：坏了');
    assert.equal(zh({ error: offline }).banner.action, '重试');
    assert.deepEqual(zh({ stale: true }).banner, { text: '重连中', action: '' });
    assert.equal(zh().banner.text, '');
    assert.equal(zh({ face: 'error', error: offline }).banner.text, '', 'the face says it');
  });

  it('every empty face names the next step', () => {
    const step = (list: Partial<FeedState['list']>) => zh({ face: 'empty' }, list).face.act;
    assert.equal(step({}), 'refresh');
    assert.equal(step({ segment: 'troubled' }), 'showAll');
    assert.equal(step({ q: 'x' }), 'clearSearch');
    assert.match(zh({ face: 'empty' }, { q: 'x' }).face.title, /x/);
    const signedOut = { code: 'SIGNED_OUT', message: '已退出' };
    const out = zh({ face: 'error', error: signedOut }).face;
    assert.deepEqual([out.kind, out.act, out.action], ['empty', 'signIn', '微信登录']);
    const { title, text, action } = zh({ face: 'error', error: offline }).face;
    assert.deepEqual([title, text, action], ['列表没有加载出来', 'x', '重试']);
  });

  it('the foot: more on its way, a page that failed, the end', () => {
    const ids = ['1', '2', '3', '4', '5', '6'];
    assert.equal(zh({ loadingMore: true }, { ids, nextCursor: 'x' }).foot.text, '加载中');
    assert.equal(zh({ moreFailed: true }, { ids, nextCursor: 'x' }).foot.retry, true);
    assert.equal(zh({}, { ids, nextCursor: null }).foot.text, '共 6 个任务');
    assert.equal(zh({}, { ids, nextCursor: 'x' }).foot.text, '');
    assert.equal(zh({}, { ids: ['1'], nextCursor: null }).foot.text, '');
  });
});
