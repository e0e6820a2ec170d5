import type { StringKey } from '../../lib/i18n';
import type { RunScreenView } from './run-screen';

export interface ShownRun extends RunScreenView {
  actions: { key: string; text: string; kind: string; busy: boolean }[];
}

/** From what the screen says to what the page's markup takes: the buttons in words. Pure. */
export function shownRun(view: RunScreenView, t: (key: StringKey) => string): ShownRun {
  const { page, retrying } = view;
  const cancel = { key: 'cancel', text: t('run.cancel'), kind: 'danger', busy: false };
  const retry = { key: 'retry', text: t('run.retry'), kind: 'primary', busy: retrying };
  return { ...view, actions: [...(page?.canCancel ? [cancel] : []), ...(page?.canRetry ? [retry] : [])] };
}
