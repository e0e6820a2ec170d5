import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createI18n, languageOf, translate } from '../../miniprogram/lib/i18n.ts';
import { showTabWords } from '../../miniprogram/lib/tab-words.ts';
import { createFakeWx } from './support/fake-wx.ts';

test('the phone’s language decides until its owner does', () => {
  const wx = createFakeWx();
  const i18n = createI18n(wx);
  assert.equal(i18n.choice(), 'system');
  assert.equal(i18n.language(), 'zh-CN');
  wx.language = 'en_GB';
  assert.equal(i18n.language(), 'en');
  assert.equal(i18n.t('common.retry'), 'Retry');
  assert.equal(i18n.strings('common').cancel, 'Cancel');
  i18n.choose('zh-CN');
  assert.equal(i18n.t('common.retry'), '重试');
  assert.equal(createI18n(wx).language(), 'zh-CN', 'kept for the next start');
  i18n.choose('system');
  assert.equal(createI18n(wx).language(), 'en');
});

test('any Chinese is Chinese, everything else and nonsense in the storage is English or the phone’s', () => {
  assert.deepEqual(['zh_CN', 'zh_TW', 'zh-Hans', 'ZH', 'en', 'ja', ''].map(languageOf), [
    'zh-CN',
    'zh-CN',
    'zh-CN',
    'zh-CN',
    'en',
    'en',
    'en',
  ]);
  const wx = createFakeWx();
  wx.storage.set('zd.language', { a: 1 });
  assert.equal(createI18n(wx).choice(), 'system');
});

test('values are filled in; one that is missing is seen, one with a placeholder in it is not read again', () => {
  assert.equal(translate('en', 'me.userId', { id: '{id}$&' }), 'User id {id}$&');
  assert.equal(translate('en', 'me.userId'), 'User id {id}');
  assert.equal(translate('zh-CN', 'format.ms', { n: 0 }), '0 毫秒');
});

test('tabs and title are said in the language of the moment', () => {
  const wx = createFakeWx();
  wx.language = 'en';
  showTabWords(wx, createI18n(wx), 'me.title');
  assert.deepEqual(wx.shown, ['tab 0 Tasks', 'tab 1 Me', 'title Me']);
});
