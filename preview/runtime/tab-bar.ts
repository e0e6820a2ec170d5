import type { TabBar } from './definition.ts';
import { create } from './elements.ts';

export interface TabBarView {
  element: HTMLElement;
  /** Marks the tab of this page; hides the bar on a page that is no tab. */
  select(path: string): void;
  /** Colours and icons anew, after a change of theme. */
  paint(): void;
  setText(index: number, text: string): void;
}

/** The bar below the pages. `themed` answers what a `@name` of app.json stands for. */
export function createTabBar(
  tabBar: TabBar,
  themed: (value: string) => string,
  onSelect: (path: string) => void,
): TabBarView {
  let selected = '';
  const tabs = tabBar.list.map((tab) => {
    const icon = create('img', { alt: '' }) as HTMLImageElement;
    const label = create('span', {}, tab.text);
    const element = create('div', { role: 'tab', tabindex: '0' }, icon, label);
    element.addEventListener('click', () => onSelect(tab.pagePath));
    return { tab, icon, label, element };
  });
  const element = create('nav', { class: 'phone-tabs', role: 'tablist' }, ...tabs.map((tab) => tab.element));

  function paint() {
    element.style.backgroundColor = themed(tabBar.backgroundColor);
    element.dataset.border = themed(tabBar.borderStyle ?? 'black');
    for (const { tab, icon, element: item } of tabs) {
      const isSelected = tab.pagePath === selected;
      item.style.color = themed(isSelected ? tabBar.selectedColor : tabBar.color);
      item.setAttribute('aria-selected', String(isSelected));
      icon.src = `app/${themed(isSelected ? tab.selectedIconPath : tab.iconPath).replace(/^\//, '')}`;
    }
  }

  return {
    element,
    paint,
    select(path) {
      selected = path;
      element.hidden = !tabs.some(({ tab }) => tab.pagePath === path);
      paint();
    },
    setText(index, text) {
      const label = tabs[index]?.label;
      if (label === undefined) throw new Error('no such tab');
      label.textContent = text;
    },
  };
}
