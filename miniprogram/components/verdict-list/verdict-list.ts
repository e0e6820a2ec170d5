/**
 * Rows of slots or runs. `rows`: `{ key, time, note, kind, text, runId }`; `foot` stands below them. A tap on a row with
 * a run triggers `open` with `{ runId }`, one on the foot `foot`.
 */
Component({
  properties: {
    rows: {
      type: Array,
      value: [] as { key: string; time: string; note: string; kind: string; text: string; runId: string }[],
    },
    foot: { type: String, value: '' },
    footActs: { type: Boolean, value: false },
  },
  methods: {
    onRow(event: WechatMiniprogram.BaseEvent) {
      const { run: runId } = event.currentTarget.dataset as { run: string };
      if (runId !== '') this.triggerEvent('open', { runId });
    },
    onFoot() {
      if (this.data.footActs) this.triggerEvent('foot');
    },
  },
});
