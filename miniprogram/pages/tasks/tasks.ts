import { createPageTimer, type PageTimer } from '../../lib/page-timer';
import { changedPaths } from '../../lib/set-changed';
import { showTabWords } from '../../lib/tab-words';
import { setTimer } from '../../lib/timer';
import { RECENT_SLOTS } from '../../models/live-task';
import { createTaskCache } from '../../models/task-cache';
import { createTaskFeed, type TaskFeed } from '../../models/task-feed';
import type { Segment } from '../../models/task-list';
import { type TaskPageView, taskPage } from '../../models/task-page';
import { createTaskRows, type TaskRow } from '../../models/task-rows';
import { services } from '../../services';

type Shown = TaskPageView & { rows: TaskRow[]; q: string };

/** Events come in bursts (fired, queued, started): one setData for all that come within this time. */
const GATHER_MS = 50;
/** New cards in one setData: of six, one in a hundred kept the main thread for 75 ms (bench/phone.mjs); of four, none for 50. */
const CARDS_AT_ONCE = 4;
/** Until the next ones: a frame, so that scrolling goes on between them. */
const FRAME_MS = 16;

const { api, clock, i18n, session, socket, wx } = services;
const cache = createTaskCache(wx, () => session.user()?.id ?? null);

Page({
  data: {
    s: i18n.strings('tasks'),
    c: i18n.strings('common'),
    rows: [] as TaskRow[],
    segments: [] as TaskPageView['segments'],
    banner: { text: '', action: '' },
    face: { kind: 'skeleton', title: '', text: '', action: '', act: 'refresh' } as TaskPageView['face'],
    foot: { text: '', retry: false },
    q: '',
  },

  feed: null as TaskFeed | null,
  timer: null as PageTimer | null,
  /** What was last sent to the rendering thread; compared by identity, which `data`, a copy, does not allow. */
  shown: {} as Partial<Shown>,
  makeRows: createTaskRows(),
  q: '',
  scrollTop: 0,
  visible: false,
  userId: null as string | null,
  cancelGather: null as (() => void) | null,
  leaveSession: () => {},

  onLoad() {
    this.timer = createPageTimer(() => this.onTick(), { now: clock.now, setTimer });
    this.leaveSession = session.onChange(() => this.onUserChange());
    this.startFeed();
  },

  onShow() {
    this.visible = true;
    showTabWords(wx, i18n, 'tasks.title');
    this.setData({ s: i18n.strings('tasks'), c: i18n.strings('common') });
    this.timer?.start();
  },

  onHide() {
    this.visible = false;
    this.timer?.stop();
    this.feed?.keep();
  },

  onUnload() {
    this.timer?.stop();
    this.leaveSession();
    this.stopFeed();
  },

  async onPullDownRefresh() {
    await this.feed?.refresh();
    wx.stopPullDownRefresh();
  },

  onReachBottom() {
    void this.feed?.more();
  },

  onPageScroll({ scrollTop }: { scrollTop: number }) {
    this.scrollTop = scrollTop;
  },

  onTick() {
    this.feed?.tick();
    this.show();
  },

  onSegment(event: WechatMiniprogram.BaseEvent) {
    this.feed?.choose(event.currentTarget.dataset.segment as Segment);
    this.show();
  },

  onSearch(event: WechatMiniprogram.CustomEvent<{ value?: string }>) {
    this.q = event.detail?.value ?? '';
    this.feed?.search(this.q);
  },

  onOpen(event: WechatMiniprogram.BaseEvent) {
    wx.navigateTo(`/pages/task/task?id=${encodeURIComponent(event.currentTarget.dataset.id as string)}`);
  },

  onFoot() {
    if (this.data.foot.retry) void this.feed?.more();
  },

  onRetry() {
    void this.feed?.refresh();
  },

  onFace() {
    const { act } = this.data.face;
    if (act === 'showAll') this.feed?.choose('all');
    else if (act === 'signIn') session.login().catch((error: Error) => wx.toast(error.message));
    else if (act === 'clearSearch') {
      this.q = '';
      this.feed?.search('');
    } else void this.feed?.refresh();
    this.show();
  },

  /** Another user's list has nothing to do with this one. The first silent login is no change. */
  onUserChange() {
    const before = this.userId;
    this.userId = session.user()?.id ?? null;
    if (before === null && this.feed?.state().error === null) return;
    if (this.userId === null) cache.clear();
    this.stopFeed();
    this.startFeed();
  },

  startFeed() {
    this.userId = session.user()?.id ?? null;
    this.feed = createTaskFeed({
      listTasks: api.listTasks,
      getTask: (id) => api.getTask(id, RECENT_SLOTS),
      subscribe: (topic, listener) => socket.subscribe(topic, listener),
      isStale: () => socket.state() === 'stale',
      cache,
      now: Date.now,
      setTimer,
      onChange: () => this.showSoon(),
    });
    this.feed.start();
    this.show();
  },

  stopFeed() {
    this.cancelGather?.();
    this.cancelGather = null;
    this.feed?.stop();
  },

  showSoon() {
    this.cancelGather ??= setTimer(() => this.show(), GATHER_MS);
  },

  /** Sends what changed, unless nobody looks: onShow ticks, and with it shows. */
  show() {
    this.cancelGather?.();
    this.cancelGather = null;
    if (this.feed === null || !this.visible) return;
    const state = this.feed.state();
    const nowAt = clock.now();
    const language = i18n.language();
    const rows = this.makeRows.rows(state.list, nowAt, language, this.scrollTop);
    const most = (this.shown.rows?.length ?? 0) + CARDS_AT_ONCE;
    const next: Shown = { ...taskPage(state, nowAt, language), rows: rows.slice(0, most), q: this.q };
    if (rows.length > most) this.cancelGather = setTimer(() => this.show(), FRAME_MS);
    const changes = changedPaths({ ...this.shown }, { ...next });
    this.shown = next;
    if (Object.keys(changes).length > 0) this.setData(changes);
  },
});
