import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPhone, styleOf } from './support/fixture-phone.ts';

test('the fixture as a person uses it', async (t) => {
  const { page, says, errors } = await openPhone(t);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  await t.test('a tap on a button, until it is disabled', async () => {
    await press('count 0');
    await press('count 1');
    assert.equal(await page.getByRole('button', { name: 'count 2' }).isDisabled(), true);
  });

  await t.test('hover-class is worn while pressed', async () => {
    const title = page.locator('.title').first();
    await title.hover();
    await page.mouse.down();
    assert.equal(await styleOf(title, 'opacity'), '0.5');
    await page.mouse.up();
    await page.locator('.title:not(.pressed)').first().waitFor();
  });

  await t.test('bindtap bubbles, catchtap does not; datasets', async () => {
    await page.locator('.inner').click();
    await says('.taps', /^inner5$/);
    await page.locator('.bubble').click();
    await says('.taps', /^inner5outer\(-\)$/);
  });

  await t.test('WXS: a module, constructors as text', async () => {
    await says('.title', /^Array$/);
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

  await t.test('an input tells what is typed, and Enter', async () => {
    const field = page.getByLabel('name', { exact: true });
    await field.fill('Ada');
    await says('.hello', 'hello Ada');
    await field.press('Enter');
    await says('.answer', 'Ada@3');
  });

  await t.test('TDesign: search', async () => {
    await page.getByPlaceholder('search').fill('needle');
    await says('.query', 'needle');
  });

  await t.test('TDesign: the icon font is our own', async () => {
    const content = await styleOf(page.locator('.t-icon-user'), 'content', '::before');
    assert.match(content, /^"[\u{e000}-\u{f8ff}]"$/u);
    assert.equal(
      await page.evaluate("document.fonts.load('16px t', '\\ue001').then((faces) => faces.length)"),
      1,
    );
  });

  await t.test('a scroll-view goes where it is told, and says where it is', async () => {
    await press('end');
    await says('.scrolled', '60 of 120');
  });

  await t.test("WeChat's own dialog", async () => {
    await press('modal');
    await page.getByRole('dialog', { name: 'Modal' }).getByRole('button', { name: '取消' }).click();
    await says('.answer', 'modal false');
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

  assert.deepEqual(errors, []);
});
