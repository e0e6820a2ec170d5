import type { TabBar } from './definition.ts';
import { create } from './elements.ts';

export type TabBarView = ReturnType<typeof createTabBar>;

/** The bar below the pages. `themed` answers what a `@name` of app.json stands for. */
export function createTabBar(
  tabBar: TabBar,
  themed: (value: string) => string,
  onSelect: (path: string) => void,
) {
  let selected = '';
  const tabs = tabBar.list.map((tab) => {
    const icon = create('img', { alt: '' }) as HTMLImageElement;
    const label = create('span', {}, tab.text);
    const item = create('div', { role: 'tab', tabindex: '0' }, icon, label);
    item.addEventListener('click', () => onSelect(tab.pagePath));
    return { tab, icon, label, item };
  });
  const element = create('nav', { class: 'phone-tabs', role: 'tablist' }, ...tabs.map(({ item }) => item));

  /** Colours and icons anew, after a change of theme. */
  function paint(): void {
    element.style.backgroundColor = themed(tabBar.backgroundColor);
    element.dataset.border = themed(tabBar.borderStyle ?? 'black');
    for (const { tab, icon, item } of tabs) {
      const isSelected = tab.pagePath === selected;
      item.style.color = themed(isSelected ? tabBar.selectedColor : tabBar.color);
      item.setAttribute('aria-selected', String(isSelected));
      icon.src = `app/${themed(isSelected ? tab.selectedIconPath : tab.iconPath)}`;
    }
  }

  return {
    element,
    paint,
    /** Marks the tab of this page; hides the bar on a page that is no tab. */
    select(path: string): void {
      selected = path;
      element.hidden = !tabs.some(({ tab }) => tab.pagePath === path);
      paint();
    },
    setText(index: number, text: string): void {
      const label = tabs[index]?.label;
      if (element.hidden || label === undefined) throw new Error('not TabBar page');
      label.textContent = text;
    },
  };
}
