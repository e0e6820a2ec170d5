import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPhone } from './support/fixture-phone.ts';

test('pages open, close and keep what they hold', async (t) => {
  const { page, says, errors } = await openPhone(t);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const heading = (name: string) => page.getByRole('heading', { name, exact: true }).waitFor();
  const hash = () => new URL(page.url()).hash;

  await t.test('navigateTo carries a query, the title changes, fixed means fixed', async () => {
    await press('open');
    await says('.id', 'detail 7 七');
    await heading('Detail 7');
    assert.equal(hash(), '#/pages/detail/detail?id=7&name=%E4%B8%83');
    const bottom = async () => {
      const box = await page.locator('.bottom').boundingBox();
      return (box?.y ?? 0) + (box?.height ?? 0);
    };
    assert.equal(await bottom(), 844);
    await page.locator('.phone-page:not([hidden]) .phone-body').evaluate((body) => body.scrollTo(0, 300));
    assert.equal(await bottom(), 844);
    // 200vh of the page's own height, without the navigation bar.
    assert.equal((await page.locator('.tall').boundingBox())?.height, 2 * (844 - 44));
  });

  await t.test('back from the page and from the bar', async () => {
    await press('back');
    await heading('Fixture');
    await press('open');
    await press('返回');
    await heading('Fixture');
    assert.equal(await page.locator('.phone-page').count(), 1);
  });

  await t.test('tabs stay as they were', async () => {
    await page.getByRole('tab', { name: 'More' }).click();
    await says('.title', 'shown 1');
    await says('.head', 'head of 1');
    assert.equal(await page.getByRole('tab', { name: 'More' }).getAttribute('aria-selected'), 'true');
    await page.getByRole('tab', { name: 'Home' }).click();
    await heading('Fixture');
    await page.getByRole('tab', { name: 'More' }).click();
    await says('.title', 'shown 2');
  });

  await t.test('a tab gets another text, a toast comes and goes', async () => {
    await press('rename');
    await page.getByText('renamed it').waitFor();
    await page.getByRole('tab', { name: 'Renamed' }).waitFor();
    await page.getByText('renamed it').waitFor({ state: 'hidden' });
    await page.getByRole('tab', { name: 'Home' }).click();
  });

  await t.test('the end of a page calls for more', async () => {
    const body = page.locator('.phone-page:not([hidden]) .phone-body');
    await body.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await says('.end', 'the end');
  });

  assert.deepEqual(errors, []);
});

test('an address opens its page, with the first tab under it', async (t) => {
  const { page, says } = await openPhone(t, { hash: '#/pages/detail/detail?id=3' });
  await says('.id', 'detail 3');
  await page.getByRole('button', { name: 'back', exact: true }).click();
  await page.getByRole('heading', { name: 'Fixture' }).waitFor();
});

test('an address of no page opens the first one', async (t) => {
  const { page } = await openPhone(t, { hash: '#/pages/nowhere/nowhere' });
  await page.getByRole('heading', { name: 'Fixture' }).waitFor();
});

test('fingers: tap, pull down', async (t) => {
  const { page, says, errors } = await openPhone(t, { touch: true });
  const cdp = await page.context().newCDPSession(page);
  const drag = async (from: { x: number; y: number }, to: { x: number; y: number }) => {
    const at = (share: number) => [
      { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share },
    ];
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
    for (let step = 1; step <= 8; step++)
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step / 8) });
    await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };

  await drag({ x: 200, y: 70 }, { x: 200, y: 100 });
  await page.getByRole('button', { name: 'read', exact: true }).tap();
  await says('.answer', 'sandbox:demo');
  // TDesign clears with touchstart.
  await page.getByPlaceholder('search').fill('needle');
  await says('.query', 'needle');
  await page.getByRole('button', { name: '清除' }).tap();
  await page.getByRole('button', { name: '清除' }).waitFor({ state: 'hidden' });
  assert.equal(await page.locator('.query').textContent(), '');
  await page.locator('.phone-body').evaluate((body) => body.scrollTo(0, 0));
  await drag({ x: 200, y: 70 }, { x: 200, y: 220 });
  await says('.answer', 'refreshed');
  assert.deepEqual(errors, []);
});
