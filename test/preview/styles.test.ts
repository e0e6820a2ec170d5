import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildPreview, createBuilder } from './support/build-preview.ts';
import { writeProgram } from './support/small-program.ts';

/** The sheets that the build hands to the page, by code path. */
async function sheetsOf(t: TestContext, files: Record<string, string>): Promise<Record<string, string>> {
  const { root, out } = writeProgram(t, files);
  assert.deepEqual(await buildPreview(root, out), []);
  const script = readFileSync(join(out, 'phone.js'), 'utf8');
  // esbuild prints the object with a line for each sheet: `"pages/a/a": "…"` or `app: \`…\``.
  const [, styles = ''] = /"?styles"?: (\{[\s\S]*?\n? *\}), "?components"?/.exec(script) ?? [];
  return new Function(`return (${styles})`)() as Record<string, string>;
}

const squeeze = (css = '') => css.replace(/\s+/g, ' ').trim();

test('rpx and vh become lengths of the phone and of the page', async (t) => {
  const { app } = await sheetsOf(t, {
    'app.wxss': '.a { width: 20rpx; margin: -1.5rpx calc(2rpx + 1px); height: 50vh }',
  });
  assert.equal(
    squeeze(app),
    '.a { width: calc(20 * var(--rpx)); margin: calc(-1.5 * var(--rpx)) calc(calc(2 * var(--rpx)) + 1px); height: 50cqh }',
  );
});

test("a page's sheet reaches that page alone, and tags get their names", async (t) => {
  const sheets = await sheetsOf(t, { 'pages/a/a.wxss': 'page, .a > view:first-child { color: red }' });
  assert.equal(
    squeeze(sheets['pages/a/a']),
    ':where([data-page="pages/a/a"]) wx-page,:where([data-page="pages/a/a"]) .a > wx-view:first-child { color: red }',
  );
});

test("a component's classes are its own unless it shares", async (t) => {
  const component = (json: string) => ({
    'pages/a/a.json': '{ "usingComponents": { "my-b": "/b/b" } }',
    'pages/a/a.wxml': '<my-b />',
    'b/b.json': json,
    'b/b.wxml': '<view class="x" />',
    'b/b.ts': 'Component({});',
    'b/b.wxss': ':host { color: red } .x .y { color: red } @keyframes in { from { top: 0 } }',
  });
  const own = await sheetsOf(t, component('{ "component": true }'));
  assert.equal(
    squeeze(own['b/b']),
    '[wx-host=s1] { color: red } .s1--x .s1--y { color: red } @keyframes in { from { top: 0 } }',
  );
  const shared = await sheetsOf(t, component('{ "component": true, "styleIsolation": "shared" }'));
  assert.match(squeeze(shared['b/b']), /\.x \.y \{/);
});

test('@import is put in place, a file twice from two others too', async (t) => {
  const { app } = await sheetsOf(t, {
    'app.wxss': '@import "./x/one.wxss";\n@import "/x/two.wxss";\n.a { top: 0 }',
    'x/one.wxss': '@import "base.wxss";\n.one { top: 1px }',
    'x/two.wxss': '@import "base.wxss";\n.two { top: 2px }',
    'x/base.wxss': '.base { top: 3px }',
  });
  assert.equal(
    squeeze(app),
    '.base { top: 3px } .one { top: 1px } .base { top: 3px } .two { top: 2px } .a { top: 0 }',
  );
});

test('what is for the dark theme asks the document, at the place where it stood', async (t) => {
  const { app } = await sheetsOf(t, {
    'app.wxss':
      '.a { top: 0 } @media (prefers-color-scheme: dark) { .a { top: 1px } page { --x: 1 } } @media (min-width: 1px) { .a { top: 2px } }',
  });
  assert.equal(
    squeeze(app),
    '.a { top: 0 } :where([data-theme="dark"]) .a { top: 1px } :where([data-theme="dark"]) wx-page { --x: 1 } @media (min-width: 1px) { .a { top: 2px } }',
  );
});

test('a changed file that is imported changes the sheet of the next build', async (t) => {
  const { root, out } = writeProgram(t, { 'app.wxss': '@import "x.wxss";', 'x.wxss': '.one {}' });
  const builder = createBuilder(root, out);
  t.after(() => builder.close());
  await builder.build();
  writeFileSync(join(root, 'x.wxss'), '.another {}');
  assert.deepEqual(await builder.build(), []);
  assert.match(readFileSync(join(out, 'phone.js'), 'utf8'), /\.another \{/);
});
