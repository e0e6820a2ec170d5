/** The phone: what the build's entry calls. `define` before the mini-program's scripts, `start` after them. */
import './wxs-globals.ts';
import { createComponentCode } from './code-space.ts';
import { createControl } from './control.ts';
import type { Definition, Templates } from './definition.ts';
import { create } from './elements.ts';
import { formatPageUrl, parsePageUrl } from './page-url.ts';
import { createRouter, type Router } from './router.ts';
import { createSettings } from './settings.ts';
import { createTabBar } from './tab-bar.ts';
import { createWx } from './wx/create-wx.ts';
import { wxsHooks } from './wxs-hooks.ts';

interface AppOptions {
  onLaunch?(options: object): void;
  onShow?(options: object): void;
  onHide?(): void;
}

// The compiled templates take the hooks when they are evaluated, before `define` is called with them.
Object.assign(globalThis, { previewWxsHooks: wxsHooks });

let launch: (() => void) | null = null;

/** Announces the components and puts WeChat's globals in place. */
export function define(definition: Definition, templates: Templates): void {
  const settings = createSettings();
  const code = createComponentCode(definition, templates);
  const container = create('main', { class: 'phone-pages' });
  const layer = create('div', { class: 'phone-layer' });
  const themed = (value: string) =>
    value.startsWith('@') ? (definition.theme[settings.theme()]?.[value.slice(1)] ?? '') : value;

  const tabBar = definition.app.tabBar
    ? createTabBar(definition.app.tabBar, themed, (path) => router.switchTab(`/${path}`))
    : null;
  const router: Router = createRouter({
    definition,
    code,
    container,
    themed,
    onTop({ url, frame }) {
      tabBar?.select(url.path);
      document.title = frame.title();
      history.replaceState(null, '', `#/${formatPageUrl(url)}`);
    },
  });
  document.body.append(container, ...(tabBar === null ? [] : [tabBar.element]), layer);
  settings.onTheme(() => {
    tabBar?.paint();
    for (const { frame } of router.pages()) frame.paint();
  });

  let app: AppOptions = {};
  settings.onBackground((hidden) => {
    document.body.toggleAttribute('data-background', hidden);
    if (hidden) router.tellTop('hide');
    if (hidden) app.onHide?.();
    else app.onShow?.(launchOptions(definition));
    if (!hidden) router.tellTop('show');
  });
  const control = createControl(settings, () => location.reload());
  Object.assign(globalThis, {
    wx: createWx({ settings, router, tabBar, layer }),
    previewEnter: code.enter,
    preview: control,
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
    router.launch(`/${formatPageUrl(options)}`);
    // Someone changed the address by hand.
    addEventListener('hashchange', () => location.reload());
  };
}

/** Shows the first page: the one in the address, else the app's first. */
export function start(): void {
  launch?.();
}

function launchOptions(definition: Definition) {
  const hash = location.hash.slice(1);
  const url = parsePageUrl(hash === '' ? `/${definition.pages[0]}` : hash);
  const known = definition.pages.includes(url.path) ? url : parsePageUrl(`/${definition.pages[0]}`);
  return { ...known, scene: 1001, referrerInfo: {} };
}
