import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createI18n } from '../../miniprogram/lib/i18n.ts';
import { type AccountState, accountView, sandboxCode } from '../../miniprogram/pages/me/account.ts';
import { createFakeWx } from './support/fake-wx.ts';

const user = { id: 'u1', name: '小明', locale: 'zh-CN' as const, attrs: [], quietHours: null, createdAt: 0 };
const state: AccountState = { user, envVersion: 'develop', sandboxName: '', nameInvalid: false, busy: false };

test('who is signed in, and nobody', () => {
  const i18n = createI18n(createFakeWx());
  const view = accountView(state, i18n);
  assert.deepEqual(
    [view.signedIn, view.name, view.initial, view.idText],
    [true, '小明', '小', '用户编号 u1'],
  );
  const none = accountView({ ...state, user: null }, i18n);
  assert.deepEqual([none.signedIn, none.name, none.initial, none.idText], [false, '未登录', '?', '']);
  assert.equal(accountView({ ...state, user: { ...user, name: '😀x' } }, i18n).initial, '😀');
});

test('the sandbox is there in development only', () => {
  const i18n = createI18n(createFakeWx());
  assert.equal(accountView(state, i18n).sandbox, true);
  assert.equal(accountView({ ...state, envVersion: 'release' }, i18n).sandbox, false);
  assert.equal(accountView({ ...state, envVersion: 'trial' }, i18n).sandbox, false);
});

test('the language that was picked is marked', () => {
  const i18n = createI18n(createFakeWx());
  i18n.choose('en');
  const picked = accountView(state, i18n).languages.filter((item) => item.picked);
  assert.deepEqual(
    picked.map(({ choice }) => choice),
    ['en'],
  );
});

test('only names that the sandbox takes become a login code', () => {
  assert.equal(sandboxCode(' alice '), 'sandbox:alice');
  assert.equal(sandboxCode('小明'), 'sandbox:小明');
  for (const name of ['', '  ', 'a b', 'a:b', 'x'.repeat(33), '<a>'])
    assert.equal(sandboxCode(name), null, name);
});
