import type { WindowConfig } from './definition.ts';
import { create } from './elements.ts';

/** What surrounds one page: its navigation bar, and the body that scrolls. */
export interface PageFrame {
  element: HTMLElement;
  body: HTMLElement;
  title(): string;
  setTitle(title: string): void;
  /** Colours anew, after a change of theme. */
  paint(): void;
}

export function createPageFrame(options: {
  path: string;
  window: WindowConfig;
  themed: (value: string) => string;
  /** Null: nothing to go back to. */
  onBack: (() => void) | null;
}): PageFrame {
  const { path, window: config, themed, onBack } = options;
  const heading = create('h1', {}, config.navigationBarTitleText ?? '');
  const bar = create('header', { class: 'phone-nav' }, heading);
  if (onBack !== null) {
    const back = create('button', { class: 'phone-back', 'aria-label': '返回' }, '‹');
    back.addEventListener('click', onBack);
    bar.prepend(back);
  }
  const body = create('div', { class: 'phone-body' });
  const viewport = create('div', { class: 'phone-viewport' }, body);
  const element = create('section', { class: 'phone-page', 'data-page': path });
  if (config.navigationStyle !== 'custom') element.append(bar);
  element.append(viewport);

  function paint() {
    bar.style.backgroundColor = themed(config.navigationBarBackgroundColor ?? '#ffffff');
    bar.style.color = themed(config.navigationBarTextStyle ?? 'black');
    // The colour behind the page shows when it is pulled down; the page's own wins over it.
    viewport.style.backgroundColor = themed(
      config.backgroundColorContent ?? config.backgroundColor ?? '#ffffff',
    );
  }

  paint();
  return {
    element,
    body,
    paint,
    title: () => heading.textContent ?? '',
    setTitle(title) {
      heading.textContent = title;
    },
  };
}
