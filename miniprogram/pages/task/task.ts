import { createPageTimer, type PageTimer } from '../../lib/page-timer';
import { changedPaths } from '../../lib/set-changed';
import { setTimer } from '../../lib/timer';
import type { StatusChoice } from '../../models/status-page';
import { services } from '../../services';
import { createTaskScreen, type TaskScreen, type TaskScreenView } from './task-screen';
import { type ShownTask, shownTask } from './task-shown';

/** Events come in bursts (fired, queued, started): one setData for all that come within this time. */
const GATHER_MS = 50;

const { api, clock, i18n, socket, wx } = services;

Page({
  data: { s: i18n.strings('task'), c: i18n.strings('common'), face: 'skeleton' },

  screen: null as TaskScreen | null,
  timer: null as PageTimer | null,
  /** What is to be sent, and what was: compared by identity, which `data`, a copy, does not allow. */
  next: null as TaskScreenView | null,
  shown: {} as Partial<ShownTask>,
  cancelGather: null as (() => void) | null,
  stopState: () => {},

  onLoad({ id = '' }: { id?: string }) {
    this.screen = createTaskScreen({
      taskId: id,
      api,
      subscribe: (topic, listener) => socket.subscribe(topic, listener),
      isStale: () => socket.state() === 'stale',
      language: i18n.language,
      t: i18n.t,
      now: Date.now,
      serverNow: clock.now,
      setTimer,
      render: (view) => this.renderSoon(view),
      toast: wx.toast,
      confirm: wx.confirm,
      leave: wx.navigateBack,
    });
    this.timer = createPageTimer(() => this.screen?.tick(), { now: clock.now, setTimer });
  },

  onShow() {
    wx.setTitle(this.shown.page?.name ?? i18n.t('task.title'));
    this.setData({ s: i18n.strings('task'), c: i18n.strings('common') });
    this.stopState = socket.onState(() => this.screen?.tick());
    this.screen?.show();
    this.timer?.start();
  },

  onHide() {
    this.rest();
  },

  onUnload() {
    this.rest();
  },

  onPullDownRefresh() {
    this.screen?.refresh();
    wx.stopPullDownRefresh();
  },

  onReachBottom() {
    void this.screen?.more();
  },

  onFoot() {
    void this.screen?.more();
  },

  onRetry() {
    this.screen?.refresh();
  },

  onBack() {
    wx.navigateBack();
  },

  onAct(event: WechatMiniprogram.CustomEvent<{ key: 'run' | 'pause' | 'resume' | 'remove' }>) {
    void this.screen?.[event.detail.key]();
  },

  onTab(event: WechatMiniprogram.BaseEvent) {
    this.screen?.chooseTab(event.currentTarget.dataset.tab as StatusChoice['tab']);
  },

  onDay(event: WechatMiniprogram.CustomEvent<{ index: number }>) {
    this.screen?.chooseDay(event.detail.index);
  },

  onDayStep(event: WechatMiniprogram.BaseEvent) {
    const { index } = event.currentTarget.dataset as { index: number };
    this.screen?.chooseDay(index);
  },

  onOpen(event: WechatMiniprogram.CustomEvent<{ runId: string }>) {
    wx.navigateTo(`/pages/run/run?id=${encodeURIComponent(event.detail.runId)}`);
  },

  /** Nothing ticks, listens or reads while nobody looks. */
  rest() {
    this.stopState();
    this.timer?.stop();
    this.screen?.hide();
    this.cancelGather?.();
    this.cancelGather = null;
  },

  renderSoon(view: TaskScreenView) {
    this.next = view;
    this.cancelGather ??= setTimer(() => this.render(), GATHER_MS);
  },

  render() {
    this.cancelGather = null;
    if (this.next === null) return;
    const next = shownTask(this.next, i18n.t);
    const changes = changedPaths({ ...this.shown }, { ...next });
    if (next.page !== null && next.page.name !== this.shown.page?.name) wx.setTitle(next.page.name);
    this.shown = next;
    if (Object.keys(changes).length > 0) this.setData(changes);
  },
});
