import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { tempDir } from './temp-dir.ts';

export interface BrowserOptions {
  width?: number;
  height?: number;
  /** Fingers instead of a mouse: after the first touch the framework takes no mouse taps any more. Default: false. */
  touch?: boolean;
}

/** Why the test needs it is said by the test; where it is, by scripts/test.mjs or the PATH. */
function findChromium(): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = [
    process.env.TEST_CHROMIUM ?? '',
    ...folders.flatMap((folder) =>
      ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
    ),
  ];
  const found = candidates.filter(Boolean).find(isExecutable);
  if (found === undefined)
    throw new Error('no Chromium: install it (Debian: apt-get install chromium) or set TEST_CHROMIUM');
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A Chromium with an empty profile of its own; it closes with the test whose context is given. */
export async function openBrowser(
  context: { after(fn: () => Promise<void>): void },
  { width = 390, height = 844, touch = false }: BrowserOptions = {},
): Promise<BrowserContext> {
  const browser = await chromium.launchPersistentContext(tempDir(), {
    executablePath: findChromium(),
    headless: true,
    viewport: { width, height },
    hasTouch: touch,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  // Long, for a machine that is busy with other tests; who waits for nothing fails as surely.
  browser.setDefaultTimeout(15_000);
  context.after(() => browser.close());
  return browser;
}
