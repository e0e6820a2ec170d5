import type { TaskCard, When } from '../../models/task-card';

/**
 * A task at a glance: name and state, countdown and last verdict, thirty bars or the progress of its run. `when` is apart
 * from the rest because it alone changes every second. The page listens to `tap`.
 */
Component({
  properties: {
    card: { type: Object, value: {} as TaskCard },
    when: { type: Object, value: {} as When },
  },
});
