import type { ComponentCode } from './code-space.ts';
import type { Definition, WindowConfig } from './definition.ts';
import { create } from './elements.ts';
import type { ComponentCaller, PageRoot } from './framework.ts';
import { watchScrolling } from './page-events.ts';
import { createPageFrame, type PageFrame } from './page-frame.ts';
import type { PageUrl } from './page-url.ts';
import { createPullDown, type PullDown } from './pull-down.ts';

/** A page that is open. `caller` is what its own code calls `this`. */
export interface OpenPage {
  url: PageUrl;
  caller: ComponentCaller;
  frame: PageFrame;
  pullDown: PullDown | null;
  root: PageRoot;
}

export interface PageHost {
  definition: Definition;
  code: ComponentCode;
  /** Where pages are put. */
  container: HTMLElement;
  themed: (value: string) => string;
  back: () => void;
}

/** Makes a page and runs its onLoad; it is not shown yet. Throws when there is no such page. */
export function openPage(host: PageHost, url: PageUrl, canGoBack: boolean): OpenPage {
  const { definition, code, container, themed } = host;
  const component = definition.components.find(({ codePath, isPage }) => isPage && codePath === url.path);
  if (component === undefined) throw new Error(`page "${url.path}" is not found`);
  const config: WindowConfig = { ...definition.app.window, ...component.json };
  const onBack = canGoBack ? host.back : null;
  const frame = createPageFrame({ path: url.path, window: config, themed, onBack });
  frame.element.hidden = true;
  container.append(frame.element);

  const root = code.backend.createRoot('wx-page', code.space, url.path);
  const caller = root.get();
  Object.assign(caller, { route: url.path, options: url.query });
  const placeholder = create('span');
  frame.body.append(placeholder);
  root.attach(frame.body, placeholder);

  const pullDown = config.enablePullDownRefresh
    ? createPullDown(frame.body, () => callPage(caller, 'onPullDownRefresh'))
    : null;
  watchScrolling(frame.body, config.onReachBottomDistance ?? 50, {
    onScroll: (scrollTop) => callPage(caller, 'onPageScroll', { scrollTop }),
    onBottom: () => callPage(caller, 'onReachBottom'),
  });
  callPage(caller, 'onLoad', url.query);
  requestAnimationFrame(() => callPage(caller, 'onReady'));
  return { url, caller, frame, pullDown, root };
}

export function showPage({ frame, caller, root }: OpenPage): void {
  frame.element.hidden = false;
  tellPage({ caller, root }, 'show');
}

export function hidePage({ frame, caller, root }: OpenPage): void {
  frame.element.hidden = true;
  tellPage({ caller, root }, 'hide');
}

/** onShow or onHide, for the page and for the components on it that listen for their page's. */
export function tellPage({ caller, root }: Pick<OpenPage, 'caller' | 'root'>, what: 'show' | 'hide'): void {
  callPage(caller, what === 'show' ? 'onShow' : 'onHide');
  root.getComponent().triggerPageLifetime(what, []);
}

export function closePage({ frame, caller, root }: OpenPage): void {
  callPage(caller, 'onUnload');
  root.release();
  frame.element.remove();
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
