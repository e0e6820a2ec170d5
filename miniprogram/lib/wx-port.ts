/**
 * What this app needs of WeChat, as plain promises and callbacks. `lib/wx.ts` is the real one; tests bring their own.
 * Nothing else in the app touches the `wx` global.
 */

/** Why a call to WeChat failed. `errno` is WeChat's own number where it gives one. */
export interface WxFailure {
  errMsg: string;
  errno: number | null;
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  /** JSON text; absent: none. */
  body?: string;
  timeoutMs: number;
}

export interface ContainerRequest extends Omit<HttpRequest, 'url'> {
  env: string;
  service: string;
  /** Path with its query. */
  path: string;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Parsed JSON where the text was JSON, else the text. */
  body: unknown;
}

/** One connection. Every listener is set once, right after it was made. */
export interface SocketTask {
  onOpen(listener: () => void): void;
  onMessage(listener: (text: string) => void): void;
  onError(listener: () => void): void;
  onClose(listener: (code: number) => void): void;
  /** Never throws; what cannot be sent is lost, and the close that follows says so. */
  send(text: string): void;
  close(): void;
}

/** Where sockets connect to: an address, or a CloudBase Run service. */
export type SocketTarget = { url: string } | { env: string; service: string; path: string };

export type EnvVersion = 'develop' | 'trial' | 'release';

export interface Wx {
  /** Rejects with WxFailure; any HTTP status is an answer. */
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** The same through CloudBase Run. */
  callContainer(request: ContainerRequest): Promise<HttpAnswer>;
  /** Makes `callContainer` and container sockets usable. */
  initCloud(env: string): void;
  /** Rejects with WxFailure. */
  connectSocket(target: SocketTarget): Promise<SocketTask>;
  /** A code for the server, good once and for 5 minutes. Rejects with WxFailure. */
  login(): Promise<string>;

  /** What was kept under `key`; undefined when nothing was, or when the storage fails. */
  storageGet(key: string): unknown;
  /** False: not kept (the 10 MB are full). Never throws. */
  storageSet(key: string, value: unknown): boolean;
  storageRemove(key: string): void;

  onNetworkChange(listener: (online: boolean) => void): void;
  onAppShow(listener: () => void): void;
  onAppHide(listener: () => void): void;

  /** The phone's language, such as `zh_CN` or `en`. */
  systemLanguage(): string;
  envVersion(): EnvVersion;

  toast(title: string): void;
  /** True: confirmed. */
  confirm(question: {
    title: string;
    content: string;
    confirmText: string;
    cancelText: string;
  }): Promise<boolean>;

  /** At most ten pages lie on each other: beyond it the new one takes the place of the one on top. */
  navigateTo(url: string): void;
  /** To the page below; from the lowest one to the first tab. */
  navigateBack(): void;
  setTitle(title: string): void;
  /** Only while a tab page is shown; elsewhere nothing happens. */
  setTabText(index: number, text: string): void;
  stopPullDownRefresh(): void;
  copy(text: string): void;
}
