/** Height of the window on the log, px; log-tail.wxss sets the same. */
const WINDOW_PX = 260;
/** This near to the end counts as being there. */
const NEAR_PX = 24;
/** Beyond any log: the scroll view stops at its end. Two values, because setting the same one again moves nothing. */
const ENDS = [1_000_000, 1_000_001] as const;

/**
 * The end of a log. `lines`: `{ key, time, level, text }`, oldest first. It follows the end until it is scrolled up, and
 * again once it is scrolled back or `followText` is tapped.
 */
Component({
  properties: {
    lines: { type: Array, value: [] as { key: string; time: string; level: string; text: string }[] },
    followText: { type: String, value: '' },
  },
  data: {
    following: true,
    scrollTop: ENDS[0] as number,
  },
  observers: {
    lines() {
      if (this.data.following) this.toEnd();
    },
  },
  methods: {
    onScroll(event: WechatMiniprogram.ScrollViewScroll) {
      const { scrollTop, scrollHeight } = event.detail;
      const following = scrollTop + WINDOW_PX >= scrollHeight - NEAR_PX;
      if (following !== this.data.following) this.setData({ following });
    },
    onFollow() {
      this.setData({ following: true });
      this.toEnd();
    },
    toEnd() {
      this.setData({ scrollTop: this.data.scrollTop === ENDS[0] ? ENDS[1] : ENDS[0] });
    },
  },
});
