import {
  closePage,
  hidePage,
  type OpenPage,
  openPage,
  type PageHost,
  showPage,
  tellPage,
} from './page-stack.ts';
import { parsePageUrl } from './page-url.ts';

/** WeChat's limit. */
const MAX_PAGES = 10;

export interface Router {
  /** The open pages, the one in front last. */
  pages(): readonly OpenPage[];
  top(): OpenPage;
  navigateTo(url: string): void;
  redirectTo(url: string): void;
  switchTab(url: string): void;
  navigateBack(delta: number): void;
  /** The first page; one that is no tab gets the first tab under it, so that there is a way back. */
  launch(url: string): void;
  /** Tells the page in front that the app went to the background, or came back. */
  tellTop(what: 'show' | 'hide'): void;
}

/** Every method throws what WeChat would say after `fail`. `onTop` is called when another page comes to the front. */
export function createRouter(deps: Omit<PageHost, 'back'> & { onTop: (page: OpenPage) => void }): Router {
  const { definition, onTop } = deps;
  const tabPaths = (definition.app.tabBar?.list ?? []).map(({ pagePath }) => pagePath);
  const isTab = (path: string) => tabPaths.includes(path);
  const stack: OpenPage[] = [];
  /** Tab pages stay open behind the others. */
  const tabs = new Map<string, OpenPage>();
  const host: PageHost = { ...deps, back: () => router.navigateBack(1) };

  const pathOf = (url: string) => parsePageUrl(url, stack.at(-1)?.url.path);

  function push(url: string): void {
    const parsed = pathOf(url);
    const page = openPage(host, parsed, stack.length > 0);
    if (isTab(parsed.path)) tabs.set(parsed.path, page);
    stack.push(page);
  }

  function showTop(): void {
    showPage(router.top());
    onTop(router.top());
  }

  /** Takes the page in front away; a tab page only steps behind. */
  function pop(keepTabs: boolean): void {
    const page = stack.pop();
    if (page === undefined) return;
    if (keepTabs && tabs.get(page.url.path) === page) {
      if (!page.frame.element.hidden) hidePage(page);
      return;
    }
    tabs.delete(page.url.path);
    closePage(page);
  }

  function check(url: string): void {
    const { path } = pathOf(url);
    if (!definition.pages.includes(path)) throw new Error(`page "${path}" is not found`);
  }

  const router: Router = {
    pages: () => stack,
    top() {
      const page = stack.at(-1);
      if (page === undefined) throw new Error('no page is open');
      return page;
    },
    navigateTo(url) {
      check(url);
      if (isTab(pathOf(url).path)) throw new Error('can not navigateTo a tabbar page');
      if (stack.length >= MAX_PAGES) throw new Error(`page stack limit exceeded: ${MAX_PAGES}`);
      hidePage(router.top());
      push(url);
      showTop();
    },
    redirectTo(url) {
      check(url);
      if (isTab(pathOf(url).path)) throw new Error('can not redirectTo a tabbar page');
      pop(false);
      push(url);
      showTop();
    },
    switchTab(url) {
      const { path } = pathOf(url);
      if (!isTab(path)) throw new Error('can not switch to no-tabBar page');
      if (router.top().url.path === path) return;
      while (stack.length > 0) pop(true);
      const open = tabs.get(path);
      if (open === undefined) push(`/${path}`);
      else stack.push(open);
      showTop();
    },
    navigateBack(delta) {
      if (stack.length < 2) throw new Error('cannot navigate back at first page');
      for (let step = 0; step < delta && stack.length > 1; step++) pop(false);
      showTop();
    },
    launch(url) {
      const first = tabPaths[0];
      if (first !== undefined && !isTab(pathOf(url).path)) push(`/${first}`);
      push(url);
      showTop();
    },
    tellTop: (what) => tellPage(router.top(), what),
  };
  return router;
}
