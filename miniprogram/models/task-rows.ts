/** The rows of the list as the page's data: made anew only where a task changed, ticking only where someone looks. */
import type { Language } from '../lib/i18n';
import type { LiveTask } from './live-task';
import { type TaskCard, taskCard, taskWhen, type When } from './task-card';
import type { TaskList } from './task-list';

export interface TaskRow {
  id: string;
  card: TaskCard;
  when: When;
}

/** About the height of a card with its gap, px: enough to know which ones are near the screen. */
const ROW_PX = 112;
/** Rows beyond the first visible one that tick along: two screens of a tall phone. */
const TICKING_ROWS = 20;
const ABOVE_ROWS = 6;

/**
 * Makes rows and remembers them. An unchanged row is the same object as before, so that comparing 200 of them is 200
 * comparisons. Countdowns out of sight wait until they are scrolled near.
 */
export function createTaskRows(): {
  rows(list: TaskList, nowAt: number, language: Language, scrollTop: number): TaskRow[];
} {
  let made = new Map<string, { task: LiveTask; language: Language; row: TaskRow }>();

  return {
    rows({ ids, tasks }, nowAt, language, scrollTop) {
      const first = Math.floor(scrollTop / ROW_PX) - ABOVE_ROWS;
      const last = first + ABOVE_ROWS + TICKING_ROWS;
      const next: typeof made = new Map();
      ids.forEach((id, index) => {
        const task = tasks.get(id);
        if (task === undefined) return;
        const old = made.get(id);
        const same = old !== undefined && old.task === task && old.language === language;
        if (same && (index < first || index > last)) {
          next.set(id, old);
          return;
        }
        const when = taskWhen(task, nowAt, language);
        if (same && sameWhen(old.row.when, when)) next.set(id, old);
        else {
          const card = same ? old.row.card : taskCard(task, nowAt, language);
          next.set(id, { task, language, row: { id, card, when } });
        }
      });
      made = next;
      return [...next.values()].map(({ row }) => row);
    },
  };
}

const sameWhen = (a: When, b: When) => a.strong === b.strong && a.before === b.before && a.after === b.after;
