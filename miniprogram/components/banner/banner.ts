/** One line above a list that says why it may be old. With an `action`, a tap anywhere on it triggers `act`. */
Component({
  properties: {
    text: { type: String, value: '' },
    action: { type: String, value: '' },
  },
  methods: {
    onTap() {
      if (this.data.action !== '') this.triggerEvent('act');
    },
  },
});
