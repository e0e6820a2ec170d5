import type { Settings } from '../settings.ts';

/** New enough for all that TDesign asks for: below 2.19.2 it would render differently. */
const SDK_VERSION = '3.7.6';

/** What the app may ask about the phone. */
export function createSystem({ theme, control }: Settings) {
  return {
    getAppBaseInfo: () => ({
      SDKVersion: SDK_VERSION,
      version: '8.0.50',
      language: control.state().language,
      theme: theme.get(),
    }),
    getDeviceInfo: () => ({ brand: 'browser', model: 'preview', system: 'iOS 17.0', platform: 'devtools' }),
    getWindowInfo: () => ({
      pixelRatio: devicePixelRatio,
      windowWidth: innerWidth,
      windowHeight: innerHeight,
      screenWidth: innerWidth,
      screenHeight: innerHeight,
      statusBarHeight: 0,
    }),
    getAccountInfoSync: () => ({
      miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' },
    }),
  };
}
