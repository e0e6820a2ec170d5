/**
 * What a list shows when it has nothing to list. `kind`: skeleton (nothing is known yet), empty (with the next step as
 * `action`), error (with a retry as `action`). A tap on the action triggers `act`.
 */
Component({
  properties: {
    kind: { type: String, value: 'skeleton' },
    title: { type: String, value: '' },
    text: { type: String, value: '' },
    action: { type: String, value: '' },
    /** Read aloud while the skeleton is shown. */
    label: { type: String, value: '' },
  },
  data: {
    /** As many as fill a screen. */
    cards: [0, 1, 2, 3, 4, 5],
  },
  methods: {
    onAct() {
      this.triggerEvent('act');
    },
  },
});
