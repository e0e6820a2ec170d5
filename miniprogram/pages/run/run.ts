import { createPageTimer, type PageTimer } from '../../lib/page-timer';
import { changedPaths } from '../../lib/set-changed';
import { setTimer } from '../../lib/timer';
import { services } from '../../services';
import { createRunScreen, type RunScreen, type RunScreenView } from './run-screen';
import { type ShownRun, shownRun } from './run-shown';

/** Log lines and events come in bursts: one setData for all that come within this time. */
const GATHER_MS = 50;

const { api, clock, i18n, socket, wx } = services;
const runUrl = (id: string) => `/pages/run/run?id=${encodeURIComponent(id)}`;

Page({
  data: { s: i18n.strings('run'), c: i18n.strings('common'), face: 'skeleton' },

  screen: null as RunScreen | null,
  timer: null as PageTimer | null,
  /** What is to be sent, and what was: compared by identity, which `data`, a copy, does not allow. */
  next: null as RunScreenView | null,
  shown: {} as Partial<ShownRun>,
  cancelGather: null as (() => void) | null,
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
      render: (view) => this.renderSoon(view),
      toast: wx.toast,
      confirm: wx.confirm,
      openRun: (runId) => wx.navigateTo(runUrl(runId)),
    });
    this.timer = createPageTimer(() => this.screen?.tick(), { now: clock.now, setTimer });
  },

  onShow() {
    wx.setTitle(this.shown.page?.name || i18n.t('run.title'));
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
    wx.copy(this.shown.page?.answer ?? '');
  },

  onRetryOf() {
    wx.navigateTo(runUrl(this.shown.page?.retryOf ?? ''));
  },

  /** Nothing ticks, listens or reads while nobody looks. */
  rest() {
    this.stopState();
    this.timer?.stop();
    this.screen?.hide();
    this.cancelGather?.();
    this.cancelGather = null;
  },

  renderSoon(view: RunScreenView) {
    this.next = view;
    this.cancelGather ??= setTimer(() => this.render(), GATHER_MS);
  },

  render() {
    this.cancelGather = null;
    if (this.next === null) return;
    const next = shownRun(this.next, i18n.t);
    const changes = changedPaths({ ...this.shown }, { ...next });
    if (next.page !== null && next.page.name !== '' && next.page.name !== this.shown.page?.name) {
      wx.setTitle(next.page.name);
    }
    this.shown = next;
    if (Object.keys(changes).length > 0) this.setData(changes);
  },
});
