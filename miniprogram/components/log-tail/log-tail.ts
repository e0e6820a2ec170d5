import { setTimer } from '../../lib/timer';

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
    /** The two below are for this file alone and never sent: where it stood, and whether a move is on its way. */
    lastTop: 0,
    moving: false,
  },
  observers: {
    lines() {
      // In the next turn: before that the new lines have no height yet, and the end is still above them.
      if (!this.data.following || this.data.moving) return;
      this.data.moving = true;
      setTimer(() => this.toEnd(), 0);
    },
  },
  methods: {
    /** Only a person scrolls up. Away from the end is no sign: lines may have come since it was reached. */
    onScroll(event: WechatMiniprogram.ScrollViewScroll) {
      const { scrollTop, scrollHeight } = event.detail;
      const upwards = scrollTop < this.data.lastTop;
      this.data.lastTop = scrollTop;
      const atEnd = scrollTop + WINDOW_PX >= scrollHeight - NEAR_PX;
      if (atEnd !== this.data.following && (atEnd || upwards)) this.setData({ following: atEnd });
    },
    onFollow() {
      this.setData({ following: true });
      this.toEnd();
    },
    toEnd() {
      this.data.moving = false;
      if (!this.data.following) return;
      this.setData({ scrollTop: this.data.scrollTop === ENDS[0] ? ENDS[1] : ENDS[0] });
    },
  },
});
