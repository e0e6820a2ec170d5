/** A state as a colour, a shape and a word. `kind`: ontime (dot), late (half bar), failed (triangle), skipped (ring), running (turning arc). */
Component({
  properties: {
    kind: { type: String, value: 'skipped' },
    text: { type: String, value: '' },
  },
});
