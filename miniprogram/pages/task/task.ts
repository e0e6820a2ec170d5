import { createPageTimer, type PageTimer } from '../../lib/page-timer';
import { setTimer } from '../../lib/timer';
import { createViewSender, type ViewSender } from '../../lib/view-sender';
import type { StatusChoice } from '../../models/status-page';
import { services } from '../../services';
import { createTaskScreen, type TaskScreen, type TaskScreenView } from './task-screen';
import { type ShownTask, shownTask } from './task-shown';

const { api, clock, i18n, socket, wx } = services;

Page({
  data: { s: i18n.strings('task'), c: i18n.strings('common'), face: 'skeleton' },

  screen: null as TaskScreen | null,
  timer: null as PageTimer | null,
  view: null as ViewSender<TaskScreenView, ShownTask> | null,
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
      render: (view) => this.view?.show(view),
      toast: wx.toast,
      confirm: wx.confirm,
      leave: wx.navigateBack,
    });
    this.view = createViewSender({
      toShown: (view: TaskScreenView) => shownTask(view, i18n.t),
      send: (changes, next) => this.send(changes, next),
      setTimer,
    });
    this.timer = createPageTimer(() => this.screen?.tick(), { now: clock.now, setTimer });
  },

  onShow() {
    wx.setTitle(this.view?.shown().page?.name ?? i18n.t('task.title'));
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

  onPreview() {
    this.screen?.preview();
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
    this.view?.rest();
  },

  send(changes: Record<string, unknown>, next: ShownTask) {
    if (next.page?.name && ('page' in changes || 'page.name' in changes)) wx.setTitle(next.page.name);
    this.setData(changes);
  },
});
