import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBrowser } from '../helpers/browser.ts';
import { serveFixture, styleOf } from './support/fixture-phone.ts';

test('the toolbar changes the phone', async (t) => {
  const origin = await serveFixture(t);
  const browser = await openBrowser(t, { width: 1100, height: 960 });
  const page = browser.pages()[0] ?? (await browser.newPage());
  await page.goto(`${origin}/preview/`);
  const phone = page.frameLocator('iframe');
  const says = (wanted: string) =>
    phone.locator('.phone-page:not([hidden]) .answer', { hasText: wanted }).waitFor();
  const startedAnew = () => phone.locator('.answer', { hasText: /^$/ }).waitFor({ state: 'attached' });
  const press = (name: string) => phone.getByRole('button', { name, exact: true }).click();

  await t.test('on a wide screen it is a phone of 390 px', async () => {
    assert.equal((await page.locator('iframe').boundingBox())?.width, 390);
  });

  await t.test('requests and sockets reach the server it comes from', async () => {
    await press('fetch');
    await says('200 POST {"x":1}');
    await press('socket');
    await says('socket pong to ping');
  });

  await t.test('offline: told, connections break, requests fail; and back again', async () => {
    await page.getByLabel('断网 Offline').check();
    await says('closed 1006');
    await press('fetch');
    await says('request:fail net::ERR_INTERNET_DISCONNECTED');
    await press('socket');
    await says('closed 1006');
    await page.getByLabel('断网 Offline').uncheck();
    await says('online');
    await press('fetch');
    await says('200 POST');
  });

  await t.test('dark: sheets, bars and the app follow', async () => {
    const title = phone.locator('.phone-page:not([hidden]) .title').first();
    assert.equal(await styleOf(title, 'color'), 'rgb(1, 2, 3)');
    await page.getByLabel('主题 Theme').selectOption('dark');
    assert.equal(await styleOf(title, 'color'), 'rgb(4, 5, 6)');
    assert.equal(await styleOf(phone.locator('wx-page').first(), 'background-color'), 'rgb(17, 17, 17)');
    assert.equal(await styleOf(phone.getByRole('tablist'), 'background-color'), 'rgb(16, 16, 16)');
    await page.getByLabel('主题 Theme').selectOption('light');
    assert.equal(await styleOf(title, 'color'), 'rgb(1, 2, 3)');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByLabel('主题 Theme').selectOption('system');
    assert.equal(await styleOf(title, 'color'), 'rgb(4, 5, 6)');
  });

  await t.test('background: the app hears of it', async () => {
    await page.getByLabel('后台 Background').check();
    await page.getByLabel('后台 Background').uncheck();
    await phone.getByRole('tab', { name: 'More' }).click();
    await press('log');
    await phone.locator('.app-log', { hasText: /^show hide show$/ }).waitFor();
    await phone.getByRole('tab', { name: 'Home' }).click();
  });

  await t.test('the address follows, and leads', async () => {
    await press('open');
    await page.waitForURL(/#\/pages\/detail\/detail\?id=7/);
    await page.goto(`${origin}/preview/#/pages/detail/detail?id=8`);
    await phone.getByRole('heading', { name: 'Detail 8' }).waitFor();
    await press('back');
  });

  await t.test('language and user start the app anew', async () => {
    await press('read');
    await says('sandbox:demo zh_CN dark ""');
    await page.getByLabel('语言 Language').selectOption('en');
    await startedAnew();
    await press('read');
    await says('sandbox:demo en dark {"by":"sandbox:demo"}');
    await page.getByLabel('用户 User').fill('li-lei');
    await page.getByRole('button', { name: /Switch user/ }).click();
    await startedAnew();
    await press('read');
    await says('sandbox:li-lei en dark ""');
  });

  await t.test('on a narrow screen the phone is the screen', async () => {
    await page.setViewportSize({ width: 400, height: 700 });
    assert.deepEqual(await page.locator('iframe').boundingBox(), { x: 0, y: 0, width: 400, height: 700 });
    assert.equal(await page.getByLabel('主题 Theme').isVisible(), false);
  });
});
