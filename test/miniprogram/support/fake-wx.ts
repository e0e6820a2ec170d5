import type {
  HttpAnswer,
  HttpRequest,
  SocketTarget,
  SocketTask,
  Wx,
} from '../../../miniprogram/lib/wx-port.ts';

/** A socket whose other end is the test. */
export interface FakeSocket {
  target: SocketTarget;
  /** Frames that the phone sent. */
  sent: { type: string; payload: Record<string, unknown> }[];
  /** The phone closed it. */
  closed: boolean;
  open(): void;
  /** A frame from the server: an object as JSON, a string as it is. */
  receive(frame: unknown): void;
  /** Lost, with this close code. */
  lose(code: number): void;
}

export interface FakeWx extends Wx {
  requests: HttpRequest[];
  /** What the server does with a request; throw a WxFailure for a network failure. */
  serve: (request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;
  storage: Map<string, unknown>;
  storageFull: boolean;
  logins: number;
  loginFails: boolean;
  language: string;
  sockets: FakeSocket[];
  connectFails: boolean;
  shown: string[];
  hide(): void;
  show(): void;
  network(online: boolean): void;
}

/** A phone for tests: what the app asks of it is kept, what happens to it is up to the test. */
export function createFakeWx(): FakeWx {
  const hides: (() => void)[] = [];
  const shows: (() => void)[] = [];
  const networks: ((online: boolean) => void)[] = [];
  const fake: FakeWx = {
    requests: [],
    serve: () => answer(500, {}),
    storage: new Map(),
    storageFull: false,
    logins: 0,
    loginFails: false,
    language: 'zh_CN',
    sockets: [],
    connectFails: false,
    shown: [],
    hide: () => hides.forEach((listener) => void listener()),
    show: () => shows.forEach((listener) => void listener()),
    network: (online) => networks.forEach((listener) => void listener(online)),

    async request(request) {
      fake.requests.push(request);
      return fake.serve(request);
    },
    async callContainer({ env, service, path, ...request }) {
      const url = `container://${env}/${service}${path}`;
      fake.requests.push({ ...request, url });
      return fake.serve({ ...request, url });
    },
    initCloud: (env) => fake.shown.push(`cloud ${env}`),
    async connectSocket(target) {
      if (fake.connectFails) throw failure('connectSocket:fail');
      const { socket, task } = createFakeSocket(target);
      fake.sockets.push(socket);
      return task;
    },
    async login() {
      fake.logins += 1;
      if (fake.loginFails) throw failure('login:fail');
      return `code-${fake.logins}`;
    },

    storageGet: (key) => structuredClone(fake.storage.get(key)),
    storageSet(key, value) {
      if (fake.storageFull) return false;
      fake.storage.set(key, structuredClone(value));
      return true;
    },
    storageRemove: (key) => void fake.storage.delete(key),

    onNetworkChange: (listener) => networks.push(listener),
    onAppShow: (listener) => shows.push(listener),
    onAppHide: (listener) => hides.push(listener),
    systemLanguage: () => fake.language,
    envVersion: () => 'develop',

    toast: (title) => fake.shown.push(title),
    confirm: async () => true,
    navigateTo: (url) => fake.shown.push(`to ${url}`),
    navigateBack: () => fake.shown.push('back'),
    setTitle: (title) => fake.shown.push(`title ${title}`),
    setTabText: (index, text) => fake.shown.push(`tab ${index} ${text}`),
    stopPullDownRefresh: () => fake.shown.push('pulled'),
    copy: (text) => fake.shown.push(`copied ${text}`),
  };
  return fake;
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers, body };
}

/** As WeChat says that a call did not work. */
export function failure(
  errMsg: string,
  errno: number | null = null,
): { errMsg: string; errno: number | null } {
  return { errMsg, errno };
}

function createFakeSocket(target: SocketTarget): { socket: FakeSocket; task: SocketTask } {
  let onOpen = (): void => undefined;
  let onMessage = (_text: string): void => undefined;
  let onClose = (_code: number): void => undefined;
  const socket: FakeSocket = {
    target,
    sent: [],
    closed: false,
    open: () => onOpen(),
    receive: (frame) => onMessage(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    lose: (code) => onClose(code),
  };
  const task: SocketTask = {
    onOpen: (listener) => (onOpen = listener),
    onMessage: (listener) => (onMessage = listener),
    onError: () => undefined,
    onClose: (listener) => (onClose = listener),
    send: (text) => void socket.sent.push(JSON.parse(text)),
    close() {
      if (socket.closed) return;
      socket.closed = true;
      // WeChat reports one's own close too, and with the same code as an interruption.
      queueMicrotask(() => onClose(1000));
    },
  };
  return { socket, task };
}
