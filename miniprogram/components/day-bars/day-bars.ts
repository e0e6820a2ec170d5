/**
 * A bar a day, oldest first. `days`: `{ day, shape, label }`; `chosen`: index, -1 for none. A tap triggers `choose` with
 * `{ index }`. Bars are thin: the column above each counts as its bar.
 */
Component({
  properties: {
    days: { type: Array, value: [] as { day: string; shape: string; label: string }[] },
    chosen: { type: Number, value: -1 },
  },
  methods: {
    onTap(event: WechatMiniprogram.BaseEvent) {
      const { index } = event.target.dataset as { index?: number };
      if (index !== undefined) this.triggerEvent('choose', { index });
    },
  },
});
