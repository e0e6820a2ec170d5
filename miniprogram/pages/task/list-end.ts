import type { StatusChoice } from '../../models/status-page';
import type { TaskStatus } from '../../models/task-status';

/** `waiting`: the first page is on its way. `more`: there are older rows. */
export type ListEnd = 'waiting' | 'more' | 'loading' | 'failed' | 'end';

/** How the chosen list ends; `older` is how far the reading of its next page is. Pure. */
export function listEnd(
  { verdicts, runList }: TaskStatus,
  tab: StatusChoice['tab'],
  older: 'idle' | 'loading' | 'failed',
): ListEnd {
  if (older !== 'idle') return older;
  const inVerdicts = tab === 'verdicts';
  const rows = inVerdicts ? verdicts.items : runList.ids;
  if (!(inVerdicts ? verdicts : runList).loaded && rows.length === 0) return 'waiting';
  return (inVerdicts ? verdicts.complete : runList.cursor === null) ? 'end' : 'more';
}
