import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import Koa from 'koa';
import type { Locator, Page } from 'playwright-core';
import { WebSocketServer } from 'ws';
import { preview } from '../../../server/http/middleware/preview.ts';
import { securityHeaders } from '../../../server/http/middleware/security-headers.ts';
import type { HttpState } from '../../../server/http/state.ts';
import { openBrowser } from '../../helpers/browser.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { repoRoot } from '../../rules/source-files.ts';
import { buildPreview } from './build-preview.ts';

/** Builds the fixture and serves it as the server would, with an API that echoes. Answers its origin. */
export async function serveFixture(t: TestContext): Promise<string> {
  const out = tempDir(t);
  const root = join(tempDir(t), 'fixture');
  cpSync(join(repoRoot, 'test', 'preview', 'fixture'), root, { recursive: true });
  cpSync(join(repoRoot, 'miniprogram', 'miniprogram_npm'), join(root, 'miniprogram_npm'), {
    recursive: true,
  });
  assert.deepEqual(await buildPreview(root, out), []);
  const app = new Koa<HttpState>();
  app.use(securityHeaders());
  app.use(preview({ production: false }, out));
  app.use(async (ctx) => {
    if (ctx.path !== '/api/echo') return;
    ctx.body = { method: ctx.method, body: await text(ctx.req) };
  });
  const server = createServer(app.callback());
  const sockets = new WebSocketServer({ server, path: '/api/socket' });
  sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(`pong to ${message}`)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    sockets.close();
    for (const client of sockets.clients) client.terminate();
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Phone {
  page: Page;
  origin: string;
  /** Waits until the element that `selector` finds says this. */
  says(selector: string, wanted: string | RegExp): Promise<void>;
  /** What went wrong in the page so far. */
  errors: string[];
}

/** Opens the fixture's phone, without the frame around it. */
export async function openPhone(
  t: TestContext,
  options: { touch?: boolean; hash?: string } = {},
): Promise<Phone> {
  const origin = await serveFixture(t);
  const browser = await openBrowser(t, { touch: options.touch ?? false });
  const page = browser.pages()[0] ?? (await browser.newPage());
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  await page.goto(`${origin}/preview/phone.html${options.hash ?? ''}`);
  return { page, origin, errors, says: (selector, wanted) => says(page, selector, wanted) };
}

async function says(page: Page, selector: string, wanted: string | RegExp): Promise<void> {
  const shown = page.locator('.phone-page:not([hidden])').locator(selector).first();
  const matching = shown.and(page.locator(selector).filter({ hasText: wanted }).first());
  try {
    await matching.waitFor();
  } catch {
    const actual = await shown.textContent({ timeout: 1000 }).catch(() => null);
    assert.fail(`${selector} says ${JSON.stringify(actual)}, not ${wanted}`);
  }
}

/** What the page's `window` has of a browser's that these tests ask; they are not compiled with its types. */
interface BrowserWindow {
  getComputedStyle(element: unknown, pseudo: string | null): { getPropertyValue(name: string): string };
}

/** A computed style. */
export function styleOf(element: Locator, property: string, pseudo: string | null = null): Promise<string> {
  return element.evaluate(
    (node, [name = '', of = null]) =>
      (globalThis as unknown as BrowserWindow).getComputedStyle(node, of).getPropertyValue(name ?? ''),
    [property, pseudo],
  );
}
