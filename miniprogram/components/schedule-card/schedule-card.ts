/**
 * A schedule in full: `plan` is a TaskSchedule (models/task-schedule.ts), `retry` the words for reading once more. A tap on
 * what was not read triggers `again`.
 */
Component({
  properties: {
    plan: { type: Object, value: {} },
    retry: { type: String, value: '' },
  },
  methods: {
    onAgain() {
      this.triggerEvent('again');
    },
  },
});
