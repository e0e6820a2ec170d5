/** The phone: what the build's entry calls. `define` before the mini-program's scripts, `start` after them. */
import './wxs-globals.ts';
import { createComponentCode } from './code-space.ts';
import type { Definition, Templates } from './definition.ts';
import { create } from './elements.ts';
import { tellPage } from './page-stack.ts';
import { type PageUrl, parsePageUrl } from './page-url.ts';
import { createRouter, type Router } from './router.ts';
import { createSettings } from './settings.ts';
import { createTabBar } from './tab-bar.ts';
import { createWx } from './wx/create-wx.ts';

interface AppOptions {
  onLaunch?(options: object): void;
  onShow?(options: object): void;
  onHide?(): void;
}

let launch: (() => void) | null = null;

/** Announces the components and puts WeChat's globals in place. */
export function define(definition: Definition, templates: Templates): void {
  const settings = createSettings();
  const { theme, background } = settings;
  const code = createComponentCode(definition, templates);
  const container = create('main', { class: 'phone-pages' });
  const layer = create('div', { class: 'phone-layer' });
  const themed = (value: string) =>
    value.startsWith('@') ? (definition.theme[theme.get()]?.[value.slice(1)] ?? '') : value;

  const tabBar = definition.app.tabBar
    ? createTabBar(definition.app.tabBar, themed, (path) => router.switchTab(`/${path}`))
    : null;
  const router: Router = createRouter({ definition, code, container, themed }, ({ url, frame }) => {
    tabBar?.select(url.path);
    document.title = frame.heading.textContent ?? '';
    history.replaceState(null, '', `#${url.href}`);
  });
  document.body.append(container, ...(tabBar === null ? [] : [tabBar.element]), layer);

  const showTheme = () => {
    // What `@media (prefers-color-scheme)` became in the build asks for this.
    document.documentElement.dataset.theme = theme.get();
    document.documentElement.style.colorScheme = theme.get();
    tabBar?.paint();
    for (const { frame } of router.pages()) frame.paint();
  };
  theme.listen(showTheme);
  showTheme();

  let app: AppOptions = {};
  background.listen((hidden) => {
    document.body.toggleAttribute('data-background', hidden);
    if (hidden) tellPage(router.top(), false);
    if (hidden) app.onHide?.();
    else app.onShow?.(launchOptions(definition));
    if (!hidden) tellPage(router.top(), true);
  });
  Object.assign(globalThis, {
    wx: createWx({ settings, router, tabBar, layer }),
    previewEnter: code.enter,
    preview: settings.control,
    App: (options: AppOptions) => {
      app = options;
    },
    getApp: () => app,
    getCurrentPages: () => router.pages().map(({ caller }) => caller),
  });

  launch = () => {
    const options = launchOptions(definition);
    app.onLaunch?.(options);
    app.onShow?.(options);
    router.launch(options);
    // Someone changed the address by hand.
    addEventListener('hashchange', () => location.reload());
  };
}

/** Shows the first page: the one in the address, else the app's first. */
export function start(): void {
  launch?.();
}

function launchOptions({ pages }: Definition): PageUrl & { scene: number; referrerInfo: object } {
  const wanted = parsePageUrl(location.hash.slice(1));
  const page = pages.includes(wanted.path) ? wanted : parsePageUrl(`/${pages[0]}`);
  return { ...page, scene: 1001, referrerInfo: {} };
}
