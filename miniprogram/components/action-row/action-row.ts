/** Buttons side by side. `actions`: `{ key, text, kind: 'primary' | 'plain' | 'danger', busy }`. A tap triggers `act` with `{ key }`. */
Component({
  properties: {
    actions: { type: Array, value: [] as { key: string; text: string; kind: string; busy: boolean }[] },
  },
  methods: {
    onTap(event: WechatMiniprogram.BaseEvent) {
      const { key, busy } = event.currentTarget.dataset as { key: string; busy: boolean };
      if (!busy) this.triggerEvent('act', { key });
    },
  },
});
