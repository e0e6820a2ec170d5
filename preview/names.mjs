/**
 * What the preview imitates, by name. The build refuses a mini-program that uses anything else, and the type check of
 * preview/runtime refuses a name here that has no implementation there. A name nobody uses does not belong here.
 */

/** Built-in tags, see runtime/builtins. */
export const builtinTags = /** @type {const} */ ([
  'button',
  'image',
  'input',
  'label',
  'rich-text',
  'scroll-view',
  'text',
  'view',
]);

/** Members of `wx`, see runtime/wx. */
export const wxApis = /** @type {const} */ ([
  'connectSocket',
  'getAccountInfoSync',
  'getAppBaseInfo',
  'getDeviceInfo',
  'getStorageSync',
  'getWindowInfo',
  'login',
  'navigateBack',
  'navigateTo',
  'nextTick',
  'onAppHide',
  'onAppShow',
  'onNetworkStatusChange',
  'redirectTo',
  'removeStorageSync',
  'request',
  'setClipboardData',
  'setNavigationBarTitle',
  'setStorageSync',
  'setTabBarItem',
  'showModal',
  'showToast',
  'stopPullDownRefresh',
  'switchTab',
]);
