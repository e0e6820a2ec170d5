/** Steps of a run, one below the other. `steps`: `{ key, time, title, note, kind }`; the shape of the mark says the kind. */
Component({
  properties: {
    steps: {
      type: Array,
      value: [] as { key: string; time: string; title: string; note: string; kind: string }[],
    },
  },
});
