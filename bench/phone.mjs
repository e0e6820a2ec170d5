/** The phone in the preview: how long it builds, how soon the first card is there, and whether 200 cards scroll without jank. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient } from '../dist/test/helpers/api-client.js';
import { openBrowser } from '../dist/test/helpers/browser.js';
import { startServer } from '../dist/test/helpers/server-process.js';
import { createPreviewBuilder } from '../preview/build/preview-builder.mjs';
import { median, round } from './lib/numbers.mjs';

const rounds = Number(process.argv[2] ?? 3);
const TASKS = 200;
const here = (path) => new URL(`../${path}`, import.meta.url).pathname;
const ends = [];
const folder = mkdtempSync(join(tmpdir(), 'zhundian-bench-'));

const buildMs = [];
for (let n = 0; n < rounds; n += 1) {
  const from = performance.now();
  const builder = createPreviewBuilder({
    root: here('miniprogram'),
    out: join(folder, String(n)),
  });
  await builder.build();
  buildMs.push(performance.now() - from);
  await builder.close();
}

const server = await startServer({ dataDir: join(folder, 'data') });
const api = createApiClient(() => server.origin, 'demo');
const firstCardMs = [];
const longTasks = [];
const tapMs = [];
try {
  const browser = await openBrowser({ after: (end) => ends.push(end) });
  for (let n = 0; n < rounds; n += 1) {
    const page = await browser.newPage();
    const from = performance.now();
    await page.goto(`${server.origin}/preview/phone.html`);
    await page.getByText('示例：网站监控').first().waitFor();
    firstCardMs.push(performance.now() - from);
    await page.close();
  }
  // Two of three fire while we look; the rest lie still, as most tasks do.
  for (let n = 0; n < TASKS; n += 50) {
    await api.createTasks(
      Array.from({ length: 50 }, (_, k) => ({
        name: `任务 ${n + k}`,
        schedule: { kind: 'every', everyMs: k % 10 === 0 ? 5_000 : 3_600_000 },
        action: { kind: 'handler', name: 'noop' },
      })),
    );
  }
  for (let n = 0; n < rounds; n += 1) longTasks.push(...(await scrollAll(await browser.newPage())));
} finally {
  for (const end of ends) await end();
  await server.kill9();
  rmSync(folder, { recursive: true, force: true });
}

const figures = {
  scenario: 'phone',
  rounds,
  buildMs: round(median(buildMs), 0),
  firstCardMs: round(median(firstCardMs), 0),
  longTasks: longTasks.length,
  longestMs: round(Math.max(0, ...longTasks), 0),
  tapMs: round(Math.max(...tapMs), 0),
  goal: 'build < 2,000, first card < 1,500, no long task above 50 ms, a tap answers within 100',
};
console.table([figures]);
console.log(JSON.stringify(figures));

/** Down to the last of 200 and up again. Answers tasks of the main thread above 50 ms while it scrolls. */
async function scrollAll(page) {
  await page.goto(`${server.origin}/preview/phone.html`);
  await page.getByText('任务 199').first().waitFor();
  await sleep(2_000);
  await page.evaluate(() => {
    globalThis.long = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) globalThis.long.push(entry.duration);
    }).observe({ type: 'longtask' });
    globalThis.taps = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (entry.name === 'click') globalThis.taps.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16 });
  });
  await page.mouse.move(195, 500);
  for (let n = 0; n < 140; n += 1) {
    await page.mouse.wheel(0, 300);
    await sleep(50);
  }
  for (let n = 0; n < 60; n += 1) {
    await page.mouse.wheel(0, -900);
    await sleep(30);
  }
  const long = await page.evaluate(() => globalThis.long);
  await page.getByText('暂停').first().click();
  await sleep(500);
  const taps = await page.evaluate(() => globalThis.taps);
  tapMs.push(...taps, 0);
  await page.close();
  return long;
}
