import type { wxApis } from '../../names.mjs';
import type { Router } from '../router.ts';
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
  const { online, background, control } = settings;
  return {
    ...storage,
    ...createSystem(settings),
    ...createDialogs(layer),
    request: createRequest(online),
    connectSocket: createConnectSocket(online),
    // The server's sandbox takes any name; see its docs for the code's form.
    login: wxCall('login', () => ({ code: `sandbox:${control.state().user}` })),
    onNetworkStatusChange: (listener: (status: object) => void) =>
      online.listen((isConnected) => listener({ isConnected, networkType: isConnected ? 'wifi' : 'none' })),
    onAppHide: (listener: () => void) => background.listen((hidden) => hidden && listener()),
    onAppShow: (listener: () => void) => background.listen((hidden) => hidden || listener()),

    navigateTo: wxCall('navigateTo', ({ url }: { url: string }) => router.navigateTo(url)),
    redirectTo: wxCall('redirectTo', ({ url }: { url: string }) => router.redirectTo(url)),
    switchTab: wxCall('switchTab', ({ url }: { url: string }) => router.switchTab(url)),
    navigateBack: wxCall('navigateBack', ({ delta = 1 }: { delta?: number }) => router.navigateBack(delta)),
    setNavigationBarTitle: wxCall('setNavigationBarTitle', ({ title }: { title: string }) => {
      router.top().frame.heading.textContent = document.title = title;
    }),
    setTabBarItem: wxCall('setTabBarItem', ({ index, text }: { index: number; text: string }) =>
      tabBar?.setText(index, text),
    ),
    stopPullDownRefresh: wxCall('stopPullDownRefresh', () => router.top().stopPullDown()),

    nextTick: queueMicrotask.bind(globalThis),
    setClipboardData: wxCall('setClipboardData', ({ data }: { data: string }) =>
      navigator.clipboard.writeText(data),
    ),
  };
}
