import type {
  ContainerRequest,
  HttpAnswer,
  HttpRequest,
  SocketTarget,
  SocketTask,
  Wx,
  WxFailure,
} from './wx-port';

/** The tab that everything falls back to. */
const FIRST_TAB = '/pages/tasks/tasks';

/**
 * WeChat itself behind the port. What it needs of the base library: `getAppBaseInfo` 2.20.1, and with a CloudBase
 * environment `callContainer` 2.13.0 and `connectContainer` 2.21.1; project.config.json pins a later one.
 */
export function createWx(): Wx {
  return {
    request,
    callContainer,
    initCloud: (env) => wx.cloud.init({ env }),
    connectSocket,
    login: () =>
      new Promise((resolve, reject) => {
        wx.login({ success: ({ code }) => resolve(code), fail: (error) => reject(failureOf(error)) });
      }),

    storageGet,
    storageSet,
    storageRemove,

    onNetworkChange: (listener) => wx.onNetworkStatusChange(({ isConnected }) => listener(isConnected)),
    onAppShow: (listener) => wx.onAppShow(() => listener()),
    onAppHide: (listener) => wx.onAppHide(() => listener()),

    systemLanguage: () => wx.getAppBaseInfo().language,
    envVersion: () => wx.getAccountInfoSync().miniProgram.envVersion,

    toast: (title) => ignore(wx.showToast({ title, icon: 'none' })),
    confirm: (question) =>
      new Promise((resolve) => {
        wx.showModal({ ...question, success: ({ confirm }) => resolve(confirm), fail: () => resolve(false) });
      }),

    navigateTo: (url) => {
      wx.navigateTo({ url, fail: () => ignore(wx.redirectTo({ url })) });
    },
    navigateBack: () => {
      wx.navigateBack({ fail: () => ignore(wx.switchTab({ url: FIRST_TAB })) });
    },
    setTitle: (title) => ignore(wx.setNavigationBarTitle({ title })),
    setTabText: (index, text) => {
      wx.setTabBarItem({ index, text, fail: () => undefined });
    },
    stopPullDownRefresh: () => ignore(wx.stopPullDownRefresh()),
    copy: (data) => ignore(wx.setClipboardData({ data })),
  };
}

function request({ method, url, headers, body, timeoutMs }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    wx.request({
      url,
      // PATCH is sent as it is, though neither the documentation nor the types list it.
      method: method as 'POST',
      header: headers,
      data: body,
      timeout: timeoutMs,
      success: ({ statusCode, header, data }) => resolve(answerOf(statusCode, header, data)),
      fail: (error) => reject(failureOf(error)),
    });
  });
}

function callContainer({ env, service, path, method, headers, body, timeoutMs }: ContainerRequest) {
  return new Promise<HttpAnswer>((resolve, reject) => {
    wx.cloud.callContainer({
      config: { env },
      path,
      method,
      header: { ...headers, 'X-WX-SERVICE': service },
      data: body,
      timeout: timeoutMs,
      success: ({ statusCode, header, data }) => resolve(answerOf(statusCode, header, data)),
      fail: (error) => reject(failureOf(error)),
    });
  });
}

async function connectSocket(target: SocketTarget): Promise<SocketTask> {
  if ('url' in target) {
    return socketTask(
      wx.connectSocket({ url: target.url, fail: () => undefined /* onError or onClose follows */ }),
    );
  }
  const { env, service, path } = target;
  const answer = await wx.cloud.connectContainer({ config: { env }, service, path });
  return socketTask(answer.socketTask);
}

function socketTask(task: WechatMiniprogram.SocketTask): SocketTask {
  return {
    onOpen: (listener) => task.onOpen(() => listener()),
    onMessage: (listener) =>
      task.onMessage(({ data }) => {
        if (typeof data === 'string') listener(data);
      }),
    onError: (listener) => task.onError(() => listener()),
    onClose: (listener) => task.onClose(({ code }) => listener(code)),
    send: (data) => task.send({ data, fail: () => undefined }),
    close: () => task.close({ code: 1000, fail: () => undefined }),
  };
}

function storageGet(key: string): unknown {
  try {
    const value: unknown = wx.getStorageSync(key);
    return value === '' ? undefined : value; // WeChat answers '' for a key that is not there.
  } catch {
    return undefined;
  }
}

function storageSet(key: string, value: unknown): boolean {
  try {
    wx.setStorageSync(key, value);
    return true;
  } catch {
    return false;
  }
}

function storageRemove(key: string): void {
  try {
    wx.removeStorageSync(key);
  } catch {
    // What cannot be removed is overwritten by the next one kept there.
  }
}

function answerOf(status: number, header: Record<string, unknown>, body: unknown): HttpAnswer {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(header ?? {})) headers[name.toLowerCase()] = String(value);
  return { status, headers, body };
}

function failureOf(error: { errMsg?: string; errno?: number }): WxFailure {
  return { errMsg: error.errMsg ?? '', errno: error.errno ?? null };
}

/** For calls whose failure shows by itself and matters to nobody. */
function ignore(call: Promise<unknown>): void {
  call.catch(() => undefined);
}
