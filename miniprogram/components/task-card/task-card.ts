import type { TaskCard, When } from '../../models/task-card';

/** Before the first value comes: nothing of a task, but of the right types for the parts inside. */
const NO_CARD: TaskCard = {
  name: '',
  badge: 'skipped',
  badgeText: '',
  plan: '',
  last: '',
  bars: [],
  progress: null,
  label: '',
};
const NO_WHEN: When = { before: '', strong: '', after: '' };

/**
 * A task at a glance: name and state, countdown and last verdict, thirty bars or the progress of its run. `when` is apart
 * from the rest because it alone changes every second. The page listens to `tap`.
 */
Component({
  properties: {
    card: { type: Object, value: NO_CARD },
    when: { type: Object, value: NO_WHEN },
  },
});
