import { createPageTimer, type PageTimer } from '../../lib/page-timer';
import { setTimer } from '../../lib/timer';
import { createViewSender, type ViewSender } from '../../lib/view-sender';
import { services } from '../../services';
import { createRunScreen, type RunScreen, type RunScreenView } from './run-screen';
import { type ShownRun, shownRun } from './run-shown';

const { api, clock, i18n, socket, wx } = services;
const runUrl = (id: string) => `/pages/run/run?id=${encodeURIComponent(id)}`;

Page({
  data: { s: i18n.strings('run'), c: i18n.strings('common'), face: 'skeleton' },

  screen: null as RunScreen | null,
  timer: null as PageTimer | null,
  view: null as ViewSender<RunScreenView, ShownRun> | null,
  stopState: () => {},

  onLoad({ id = '' }: { id?: string }) {
    this.screen = createRunScreen({
      // From a link the id arrives as it was written there.
      runId: decodeURIComponent(id),
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
      openRun: (runId) => wx.navigateTo(runUrl(runId)),
    });
    this.view = createViewSender({
      toShown: (view: RunScreenView) => shownRun(view, i18n.t),
      send: (changes, next) => this.send(changes, next),
      setTimer,
    });
    this.timer = createPageTimer(() => this.screen?.tick(), { now: clock.now, setTimer });
  },

  onShow() {
    wx.setTitle(this.view?.shown().page?.name || i18n.t('run.title'));
    this.setData({ s: i18n.strings('run'), c: i18n.strings('common') });
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

  onRetryRead() {
    this.screen?.refresh();
  },

  onBack() {
    wx.navigateBack();
  },

  onAct(event: WechatMiniprogram.CustomEvent<{ key: 'cancel' | 'retry' }>) {
    void this.screen?.[event.detail.key]();
  },

  onCopy() {
    wx.copy(this.view?.shown().page?.answer ?? '');
  },

  onRetryOf() {
    wx.navigateTo(runUrl(this.view?.shown().page?.retryOf ?? ''));
  },

  /** Nothing ticks, listens or reads while nobody looks. */
  rest() {
    this.stopState();
    this.timer?.stop();
    this.screen?.hide();
    this.view?.rest();
  },

  send(changes: Record<string, unknown>, next: ShownRun) {
    if (next.page?.name && ('page' in changes || 'page.name' in changes)) wx.setTitle(next.page.name);
    this.setData(changes);
  },
});
