import type { Settings } from '../settings.ts';
import { viewport } from '../viewport.ts';

/** New enough for all that TDesign asks for: below 2.19.2 it would render differently. */
const SDK_VERSION = '3.7.6';

/** What the app may ask about the phone. */
export function createSystem(settings: Settings) {
  const getWindowInfo = () => {
    const { width, height, top } = viewport();
    const safeArea = {
      left: 0,
      right: innerWidth,
      top: 0,
      bottom: innerHeight,
      width: innerWidth,
      height: innerHeight,
    };
    return {
      pixelRatio: devicePixelRatio,
      windowWidth: width,
      windowHeight: height,
      screenWidth: innerWidth,
      screenHeight: innerHeight,
      statusBarHeight: 0,
      screenTop: top,
      safeArea,
    };
  };
  const getAppBaseInfo = () => ({
    SDKVersion: SDK_VERSION,
    version: '8.0.50',
    language: settings.language(),
    theme: settings.theme(),
  });
  const getDeviceInfo = () => ({
    brand: 'browser',
    model: 'preview',
    system: 'iOS 17.0',
    platform: 'devtools',
  });
  return {
    getWindowInfo,
    getAppBaseInfo,
    getDeviceInfo,
    getSystemInfoSync: () => ({ ...getWindowInfo(), ...getAppBaseInfo(), ...getDeviceInfo() }),
    getAccountInfoSync: () => ({
      miniProgram: { appId: 'touristappid', envVersion: 'develop', version: '' },
    }),
  };
}
