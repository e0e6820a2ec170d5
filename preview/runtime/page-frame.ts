import type { WindowConfig } from './definition.ts';
import { create } from './elements.ts';

/** What surrounds one page: its navigation bar, and the body that scrolls. */
export type PageFrame = ReturnType<typeof createPageFrame>;

/** `themed` answers what a `@name` of the settings stands for; without `onBack` there is nothing to go back to. */
export function createPageFrame(
  path: string,
  config: WindowConfig,
  themed: (value: string) => string,
  onBack: (() => void) | null,
) {
  const heading = create('h1', {}, config.navigationBarTitleText ?? '');
  const bar = create('header', { class: 'phone-nav' }, heading);
  if (onBack !== null) {
    const back = create('button', { class: 'phone-back', 'aria-label': '返回' }, '‹');
    back.addEventListener('click', onBack);
    bar.prepend(back);
  }
  const body = create('div', { class: 'phone-body' });
  const viewport = create('div', { class: 'phone-viewport' }, body);
  const element = create('section', { class: 'phone-page', 'data-page': path }, bar, viewport);

  /** Colours anew, after a change of theme. */
  function paint(): void {
    bar.style.backgroundColor = themed(config.navigationBarBackgroundColor ?? '#ffffff');
    bar.style.color = themed(config.navigationBarTextStyle ?? 'black');
    // The colour behind the page shows when it is pulled down; the page's own wins over it.
    viewport.style.backgroundColor = themed(config.backgroundColor ?? '#ffffff');
  }

  paint();
  return { element, body, heading, paint };
}
