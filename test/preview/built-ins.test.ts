import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPhone, styleOf } from './support/fixture-phone.ts';

test('the fixture as a person uses it', async (t) => {
  const { page, says, errors } = await openPhone(t);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  await t.test('a tap on a TDesign button and on a built-in one', async () => {
    await page.getByRole('button', { name: 'count' }).click();
    await press('plain');
    await says('.t-button', 'count 2');
    await press('plain');
    assert.equal(await page.getByRole('button', { name: 'plain' }).isDisabled(), true);
  });

  await t.test('bindtap bubbles, catchtap does not; datasets', async () => {
    await page.locator('.inner').click();
    await says('.taps', /^inner5$/);
    await page.locator('.bubble').click();
    await says('.taps', /^inner5outer\(-\)$/);
  });

  await t.test('WXS: a module, its own require, constructors as text', async () => {
    await says('.title', /^Array!$/);
  });

  await t.test('WXS: an event handler with descriptors', async () => {
    await page.locator('.slider').click();
    await says('.slid-count', '1');
    assert.equal(await styleOf(page.locator('.slider.slid'), 'opacity'), '0.5');
  });

  await t.test('text decodes what it is told to', async () => {
    assert.equal(await page.locator('.decoded').textContent(), 'a<b\nc');
  });

  await t.test('rich text keeps tags and classes, and nothing that runs', async () => {
    assert.equal(await page.locator('.rich img').count(), 0);
    assert.equal(await page.locator('.rich > span').evaluate((element) => element.attributes.length), 0);
    assert.equal(await page.locator('.rich b.bold').textContent(), 'rich');
  });

  await t.test('an image loads from the root of the mini-program', () => says('.loaded', '8x8'));

  await t.test('model:value follows typing', async () => {
    await page.getByLabel('name', { exact: true }).fill('Ada');
    await says('.hello', 'hello Ada');
  });

  await t.test('a form collects its fields', async () => {
    await page.getByPlaceholder('note').fill('two\nlines');
    await says('.answer', '@9');
    await press('send');
    await says('.sent', '{"city":"Xi\'an","note":"two\\nlines"}');
    await press('clear');
    await says('.sent', 'reset');
  });

  await t.test('TDesign: search, switch', async () => {
    await page.getByPlaceholder('search').fill('needle');
    await says('.query', 'needle');
    await page.locator('.t-switch__body').click();
    await says('.on', /^on$/);
  });

  await t.test('TDesign: a dialog opens and answers', async () => {
    await press('ask');
    await page.getByText('It is gone then.').waitFor();
    await page.getByText('Yes', { exact: true }).click();
    await says('.answer', 'yes');
    await page.getByText('It is gone then.').waitFor({ state: 'hidden' });
  });

  await t.test('TDesign: the icon font is our own', async () => {
    const content = await styleOf(page.locator('.t-icon-user'), 'content', '::before');
    assert.match(content, /^"[\u{e000}-\u{f8ff}]"$/u);
    assert.equal(
      await page.evaluate("document.fonts.load('16px t', '\\ue001').then((faces) => faces.length)"),
      1,
    );
  });

  await t.test('a scroll-view scrolls and says when it is at its end', async () => {
    await page.locator('.strip').evaluate((element) => element.scrollTo(0, 500));
    await says('.lower', 'lower');
  });

  await t.test("WeChat's own dialogs", async () => {
    await press('modal');
    await page.getByRole('dialog', { name: 'Modal' }).getByRole('button', { name: '取消' }).click();
    await says('.answer', 'modal false');
    await press('sheet');
    await page.getByRole('button', { name: 'two' }).click();
    await says('.answer', 'sheet 1');
    await press('sheet');
    await page.getByRole('button', { name: '取消' }).click();
    await says('.answer', 'showActionSheet:fail cancel');
  });

  await t.test('a component hears a tap and tells its page; aria is in the DOM', async () => {
    await page.getByRole('listitem', { name: 'row of row 3', exact: true }).click();
    await says('.answer', 'picked row 3');
  });

  await t.test("a component's sheet is its own, and its host has a style", async () => {
    const row = page.getByRole('listitem').first();
    assert.equal(await styleOf(row, 'color'), 'rgb(7, 8, 9)');
    assert.equal(await styleOf(page.locator('.title').first(), 'color'), 'rgb(1, 2, 3)');
    assert.equal(await styleOf(page.locator('row').first(), 'display'), 'block');
  });

  await t.test('a selector query measures from the page', async () => {
    await press('measure');
    await says('.answer', 'left 0 width 390');
  });

  assert.deepEqual(errors, []);
});
