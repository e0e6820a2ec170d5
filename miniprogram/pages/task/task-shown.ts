/** From what the screen says to what the page's markup takes: buttons, tabs and foot in words. Pure. */
import type { StringKey } from '../../lib/i18n';
import type { TaskScreenView } from './task-screen';

export interface ShownTask extends TaskScreenView {
  actions: { key: string; text: string; kind: string; busy: boolean }[];
  foot: string;
  /** A tap on the foot does something. */
  footActs: boolean;
}

export function shownTask(view: TaskScreenView, t: (key: StringKey) => string): ShownTask {
  const { foot, footActs } = footOf(view, t);
  return { ...view, actions: actionsOf(view, t), foot, footActs };
}

function actionsOf({ page, asking }: TaskScreenView, t: (key: StringKey) => string): ShownTask['actions'] {
  if (page === null) return [];
  const { canPause, canResume } = page.head;
  const plain = (key: string, text: StringKey) => ({ key, text: t(text), kind: 'plain', busy: false });
  return [
    { key: 'run', text: t('task.runNow'), kind: 'primary', busy: asking },
    ...(canPause ? [plain('pause', 'task.pause')] : []),
    ...(canResume ? [plain('resume', 'task.resume')] : []),
    { key: 'remove', text: t('task.remove'), kind: 'danger', busy: false },
  ];
}

function footOf(
  { page, end }: TaskScreenView,
  t: (key: StringKey) => string,
): { foot: string; footActs: boolean } {
  const none = page === null || page.rows.length === 0;
  switch (end) {
    case 'waiting':
    case 'loading':
      return { foot: t('common.loading'), footActs: false };
    case 'failed':
      return { foot: t('common.retry'), footActs: true };
    case 'more':
      return { foot: t('task.loadMore'), footActs: true };
    case 'end':
      if (!none) return { foot: t('task.end'), footActs: false };
      return { foot: t(page?.tab === 'runs' ? 'task.noRunsNote' : 'task.noVerdictsNote'), footActs: false };
  }
}
