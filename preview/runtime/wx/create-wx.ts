import type { wxApis } from '../../names.mjs';
import type { Router } from '../router.ts';
import { SelectorQuery } from '../selector-query.ts';
import type { Settings } from '../settings.ts';
import type { TabBarView } from '../tab-bar.ts';
import { createConnectSocket } from './connect-socket.ts';
import { createDialogs } from './dialogs.ts';
import { createRequest } from './request.ts';
import { storage } from './storage.ts';
import { createSystem } from './system.ts';
import { wxCall } from './wx-call.ts';

type Wx = Record<(typeof wxApis)[number], unknown>;

/** The global `wx`: every member that the build lets pass, and none besides. */
export function createWx(deps: {
  settings: Settings;
  router: Router;
  tabBar: TabBarView | null;
  layer: HTMLElement;
}): Wx {
  const { settings, router, tabBar, layer } = deps;
  const networkType = (online: boolean) => (online ? 'wifi' : 'none');
  return {
    ...storage,
    ...createSystem(settings),
    ...createDialogs(layer),
    request: createRequest(settings),
    connectSocket: createConnectSocket(settings),
    // The server's sandbox takes any name; see its docs for the code's form.
    login: wxCall('login', () => ({ code: `sandbox:${settings.user()}` })),
    getNetworkType: wxCall('getNetworkType', () => ({ networkType: networkType(settings.isOnline()) })),
    onNetworkStatusChange: (listener: (status: object) => void) =>
      settings.onOnline((isConnected) => listener({ isConnected, networkType: networkType(isConnected) })),
    onThemeChange: (listener: (change: object) => void) => settings.onTheme((theme) => listener({ theme })),
    onAppHide: (listener: () => void) => settings.onBackground((hidden) => hidden && listener()),
    onAppShow: (listener: () => void) => settings.onBackground((hidden) => !hidden && listener()),

    navigateTo: wxCall('navigateTo', ({ url }: { url: string }) => router.navigateTo(url)),
    redirectTo: wxCall('redirectTo', ({ url }: { url: string }) => router.redirectTo(url)),
    reLaunch: wxCall('reLaunch', ({ url }: { url: string }) => router.reLaunch(url)),
    switchTab: wxCall('switchTab', ({ url }: { url: string }) => router.switchTab(url)),
    navigateBack: wxCall('navigateBack', ({ delta = 1 }: { delta?: number }) => router.navigateBack(delta)),
    setNavigationBarTitle: wxCall('setNavigationBarTitle', ({ title }: { title: string }) => {
      router.top().frame.setTitle(title);
      document.title = title;
    }),
    setTabBarItem: wxCall('setTabBarItem', ({ index, text }: { index: number; text: string }) => {
      if (tabBar === null || tabBar.element.hidden) throw new Error('not TabBar page');
      tabBar.setText(index, text);
    }),
    stopPullDownRefresh: wxCall('stopPullDownRefresh', () => router.top().pullDown?.stop()),
    pageScrollTo: wxCall('pageScrollTo', ({ scrollTop = 0 }: { scrollTop?: number }) =>
      router.top().frame.body.scrollTo({ top: scrollTop }),
    ),

    createSelectorQuery: () => new SelectorQuery(router.top().caller),
    nextTick: (callback: () => void) => queueMicrotask(callback),
    hideKeyboard: wxCall('hideKeyboard', () => (document.activeElement as HTMLElement | null)?.blur()),
    setClipboardData: wxCall('setClipboardData', ({ data }: { data: string }) =>
      navigator.clipboard.writeText(data),
    ),
  };
}
