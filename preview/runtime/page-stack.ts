import type { ComponentCode } from './code-space.ts';
import type { Definition, WindowConfig } from './definition.ts';
import { create } from './elements.ts';
import type { ComponentCaller, PageRoot } from './framework.ts';
import { createPageFrame, type PageFrame } from './page-frame.ts';
import type { PageUrl } from './page-url.ts';
import { attachPullDown } from './pull-down.ts';

/** A page that is open. `caller` is what its own code calls `this`. */
export interface OpenPage {
  url: PageUrl;
  caller: ComponentCaller;
  frame: PageFrame;
  root: PageRoot;
  stopPullDown(): void;
}

export interface PageHost {
  definition: Definition;
  code: ComponentCode;
  /** Where pages are put. */
  container: HTMLElement;
  themed: (value: string) => string;
}

/** Makes a page and runs its onLoad; it is not shown yet. Throws when there is no such page. */
export function openPage(host: PageHost, url: PageUrl, onBack: (() => void) | null): OpenPage {
  const { definition, code, container, themed } = host;
  const component = definition.components.find(({ codePath, isPage }) => isPage && codePath === url.path);
  if (component === undefined) throw new Error(`page "${url.path}" is not found`);
  const config: WindowConfig = { ...definition.app.window, ...component.json };
  const frame = createPageFrame(url.path, config, themed, onBack);
  frame.element.hidden = true;
  container.append(frame.element);

  const root = code.backend.createRoot('wx-page', code.space, url.path);
  const caller = root.get();
  Object.assign(caller, { route: url.path, options: url.query });
  const placeholder = create('span');
  frame.body.append(placeholder);
  root.attach(frame.body, placeholder);

  const stopPullDown = config.enablePullDownRefresh
    ? attachPullDown(frame.body, () => callPage(caller, 'onPullDownRefresh'))
    : () => undefined;
  watchScrolling(caller, frame.body, config.onReachBottomDistance ?? 50);
  callPage(caller, 'onLoad', url.query);
  requestAnimationFrame(() => callPage(caller, 'onReady'));
  return { url, caller, frame, root, stopPullDown };
}

/** Puts a page in front, or behind. */
export function showPage(page: OpenPage, isShown: boolean): void {
  page.frame.element.hidden = !isShown;
  tellPage(page, isShown);
}

/** onShow or onHide, for the page and for the components on it that listen for their page's. */
export function tellPage({ caller, root }: OpenPage, isShown: boolean): void {
  callPage(caller, isShown ? 'onShow' : 'onHide');
  root.getComponent().triggerPageLifetime(isShown ? 'show' : 'hide', []);
}

export function closePage({ frame, caller, root }: OpenPage): void {
  callPage(caller, 'onUnload');
  root.release();
  frame.element.remove();
}

/** onPageScroll, and onReachBottom once each time the end comes nearer than `distance` px. */
function watchScrolling(caller: ComponentCaller, body: HTMLElement, distance: number): void {
  let reachedAt = 0;
  body.addEventListener('scroll', () => {
    const { scrollTop, scrollHeight, clientHeight } = body;
    callPage(caller, 'onPageScroll', { scrollTop });
    const isNear = scrollHeight - clientHeight - scrollTop <= distance;
    // Again only when the page has grown or the person has been away from its end.
    if (isNear && reachedAt !== scrollHeight) callPage(caller, 'onReachBottom');
    reachedAt = isNear ? scrollHeight : 0;
  });
}

/** Calls a handler of a page if it has one. What it throws is the page's fault and must not stop the phone. */
function callPage(caller: ComponentCaller, name: string, ...args: unknown[]): void {
  const handler = caller[name];
  if (typeof handler !== 'function') return;
  try {
    handler.apply(caller, args);
  } catch (error) {
    console.error(error);
  }
}
