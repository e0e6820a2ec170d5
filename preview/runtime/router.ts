import { closePage, type OpenPage, openPage, type PageHost, showPage } from './page-stack.ts';
import { type PageUrl, parsePageUrl } from './page-url.ts';

/** WeChat's limit. */
const MAX_PAGES = 10;

export type Router = ReturnType<typeof createRouter>;

/**
 * Opens and closes pages. What the app may ask for throws what WeChat would say after `fail`. `onTop` is called when
 * another page comes to the front.
 */
export function createRouter(host: PageHost, onTop: (page: OpenPage) => void) {
  const { app, pages } = host.definition;
  const tabPaths = (app.tabBar?.list ?? []).map(({ pagePath }) => pagePath);
  /** The open pages, the one in front last. */
  const stack: OpenPage[] = [];
  /** Tab pages stay open behind the others. */
  const tabs = new Map<string, OpenPage>();

  function top(): OpenPage {
    const page = stack.at(-1);
    if (page === undefined) throw new Error('no page is open');
    return page;
  }

  function push(url: PageUrl): void {
    const page = openPage(host, url, stack.length > 0 ? () => navigateBack(1) : null);
    if (tabPaths.includes(url.path)) tabs.set(url.path, page);
    stack.push(page);
  }

  /** Takes the page in front away for good. */
  function pop(): void {
    const page = stack.pop();
    if (page === undefined) return;
    if (tabs.get(page.url.path) === page) tabs.delete(page.url.path);
    closePage(page);
  }

  function showTop(): void {
    showPage(top(), true);
    onTop(top());
  }

  /** The page that `url` means, which must be there and no tab. */
  function findPage(url: string, call: string): PageUrl {
    const page = parsePageUrl(url, top().url.path);
    if (!pages.includes(page.path)) throw new Error(`page "${page.path}" is not found`);
    if (tabPaths.includes(page.path)) throw new Error(`can not ${call} a tabbar page`);
    return page;
  }

  function navigateBack(delta: number): void {
    if (stack.length < 2) throw new Error('cannot navigate back at first page');
    for (let step = 0; step < delta && stack.length > 1; step++) pop();
    showTop();
  }

  return {
    top,
    pages: (): readonly OpenPage[] => stack,
    navigateBack,
    navigateTo(url: string): void {
      const page = findPage(url, 'navigateTo');
      if (stack.length >= MAX_PAGES) throw new Error(`page stack limit exceeded: ${MAX_PAGES}`);
      showPage(top(), false);
      push(page);
      showTop();
    },
    redirectTo(url: string): void {
      const page = findPage(url, 'redirectTo');
      pop();
      push(page);
      showTop();
    },
    switchTab(url: string): void {
      const page = parsePageUrl(url, top().url.path);
      if (!tabPaths.includes(page.path)) throw new Error('can not switch to no-tabBar page');
      if (top().url.path === page.path) return;
      while (stack.length > 1) pop();
      const first = top();
      if (!tabs.has(first.url.path)) pop();
      else if (!first.frame.element.hidden) showPage(first, false);
      stack.length = 0;
      const open = tabs.get(page.path);
      if (open === undefined) push(page);
      else stack.push(open);
      showTop();
    },
    /** The first page; one that is no tab gets the first tab under it, so that there is a way back. */
    launch(page: PageUrl): void {
      const first = tabPaths[0];
      if (first !== undefined && !tabPaths.includes(page.path)) push(parsePageUrl(`/${first}`));
      push(page);
      showTop();
    },
  };
}
