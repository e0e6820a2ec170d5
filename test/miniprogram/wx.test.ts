/** The one file that touches `wx`: how WeChat's callbacks become promises, and what its odd answers mean. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { createWx } from '../../miniprogram/lib/wx.ts';

type Options = Record<string, unknown> & {
  success?: (result: unknown) => void;
  fail?: (error: unknown) => void;
};
const phone = globalThis as { wx?: unknown };

afterEach(() => {
  phone.wx = undefined;
});

test('a request carries everything over, and any status is an answer', async () => {
  let given: Options = {};
  phone.wx = {
    request(options: Options) {
      given = options;
      options.success?.({ statusCode: 404, header: { 'Retry-After': 3, ETag: 'x' }, data: { a: 1 } });
    },
  };
  const answer = await createWx().request({
    method: 'PATCH',
    url: 'http://a/b',
    headers: { X: 'y' },
    body: '{}',
    timeoutMs: 15_000,
  });
  assert.deepEqual(answer, { status: 404, headers: { 'retry-after': '3', etag: 'x' }, body: { a: 1 } });
  const { url, method, header, data, timeout } = given;
  assert.deepEqual([url, method, header, data, timeout], ['http://a/b', 'PATCH', { X: 'y' }, '{}', 15_000]);
});

test('through CloudBase the service goes into a header', async () => {
  let given: Options = {};
  phone.wx = {
    cloud: {
      callContainer(options: Options) {
        given = options;
        options.success?.({ statusCode: 200, header: {}, data: '' });
      },
    },
  };
  await createWx().callContainer({
    env: 'e',
    service: 's',
    path: '/p',
    method: 'GET',
    headers: { A: 'b' },
    timeoutMs: 1,
  });
  assert.deepEqual(given.config, { env: 'e' });
  assert.deepEqual(given.header, { A: 'b', 'X-WX-SERVICE': 's' });
  assert.equal(given.path, '/p');
});

test('failures keep WeChat’s number', async () => {
  const fail = (options: Options) => options.fail?.({ errMsg: 'x:fail', errno: 104 });
  phone.wx = { request: fail, login: fail };
  const message = { method: 'GET', url: 'u', headers: {}, timeoutMs: 1 } as const;
  await assert.rejects(createWx().request(message), { errMsg: 'x:fail', errno: 104 });
  await assert.rejects(createWx().login(), { errMsg: 'x:fail', errno: 104 });
});

test('a storage that is empty, full or broken never throws', () => {
  const broken = () => {
    throw new Error('exceed storage max size 10Mb');
  };
  phone.wx = {
    getStorageSync: () => '',
    setStorageSync: () => undefined,
    removeStorageSync: () => undefined,
  };
  const wx = createWx();
  assert.equal(wx.storageGet('k'), undefined);
  assert.equal(wx.storageSet('k', 1), true);
  phone.wx = { getStorageSync: broken, setStorageSync: broken, removeStorageSync: broken };
  assert.equal(wx.storageGet('k'), undefined);
  assert.equal(wx.storageSet('k', 1), false);
  wx.storageRemove('k');
});

test('closing a question is an answer: no', async () => {
  const question = { title: '', content: '', confirmText: '', cancelText: '' };
  phone.wx = { showModal: (options: Options) => options.fail?.({ errMsg: 'showModal:fail' }) };
  assert.equal(await createWx().confirm(question), false);
  phone.wx = { showModal: (options: Options) => options.success?.({ confirm: true }) };
  assert.equal(await createWx().confirm(question), true);
});

test('an eleventh page takes the place of the one on top; nothing below leads to the first tab', () => {
  const went: unknown[] = [];
  const fail = (options: Options) => options.fail?.({ errMsg: 'navigateTo:fail webview count limit exceed' });
  const go = (name: string) => async (options: Options) => void went.push([name, options.url]);
  phone.wx = {
    navigateTo: fail,
    navigateBack: fail,
    redirectTo: go('redirectTo'),
    switchTab: go('switchTab'),
  };
  createWx().navigateTo('/pages/run/run?id=1');
  createWx().navigateBack();
  assert.deepEqual(went, [
    ['redirectTo', '/pages/run/run?id=1'],
    ['switchTab', '/pages/tasks/tasks'],
  ]);
});

test('a socket passes text on and nothing else, and its close code', async () => {
  const heard: unknown[] = [];
  const listeners: Record<string, (event: unknown) => void> = {};
  const listen = (name: string) => (listener: (event: unknown) => void) => {
    listeners[name] = listener;
  };
  const sent: unknown[] = [];
  phone.wx = {
    connectSocket: ({ url }: { url: string }) => {
      heard.push(url);
      return {
        onOpen: listen('open'),
        onMessage: listen('message'),
        onError: listen('error'),
        onClose: listen('close'),
        send: ({ data }: { data: string }) => sent.push(data),
        close: ({ code }: { code: number }) => sent.push(code),
      };
    },
  };
  const task = await createWx().connectSocket({ url: 'ws://a' });
  task.onOpen(() => heard.push('open'));
  task.onMessage((text) => heard.push(text));
  task.onError(() => heard.push('error'));
  task.onClose((code) => heard.push(code));
  listeners.open?.({});
  listeners.message?.({ data: 'hello' });
  listeners.message?.({ data: new ArrayBuffer(1) });
  listeners.error?.({ errMsg: 'x' });
  listeners.close?.({ code: 1006, reason: '' });
  task.send('hi');
  task.close();
  assert.deepEqual(heard, ['ws://a', 'open', 'hello', 'error', 1006]);
  assert.deepEqual(sent, ['hi', 1000]);
});

test('a socket that CloudBase cannot connect is a rejection', async () => {
  phone.wx = { cloud: { connectContainer: () => Promise.reject({ errMsg: 'connectContainer:fail' }) } };
  const target = { env: 'e', service: 's', path: '/api/realtime' };
  await assert.rejects(createWx().connectSocket(target), { errMsg: 'connectContainer:fail' });
});
