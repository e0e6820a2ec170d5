/**
 * The phone against a real server, in a real browser: what a newcomer does in the first minutes, and what happens on a
 * bus. The pages are those of miniprogram/, built by preview/.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { createApiClient } from '../helpers/api-client.ts';
import { openBrowser } from '../helpers/browser.ts';
import { freePort } from '../helpers/redis.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A busy machine, two browsers and a server: what is on time is measured elsewhere. */
const PATIENCE_MS = 20_000;
const SITE = '示例：网站监控（每 10 秒）';

/** What the preview's page offers instead of its toolbar (preview/runtime/settings.ts). */
declare global {
  var preview: {
    setTheme(theme: 'light' | 'dark'): void;
    setLanguage(language: 'zh_CN' | 'en'): void;
    setUser(name: string): void;
    setOnline(online: boolean): void;
    setBackground(background: boolean): void;
  };
}

interface Phone {
  page: Page;
  /** What the page's scripts complained of. */
  complaints: string[];
}

test('a phone follows its tasks', { timeout: 240_000 }, async (t) => {
  const [dataDir, port] = [tempDir(), await freePort()];
  const start = () => startServer({ dataDir, env: { PORT: String(port) } });
  let server: ServerProcess = await start();
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'demo');
  const browser = await openBrowser(t);
  const { page, complaints } = await openPhone(await browser.newPage(), server);
  /** Pages below the top one stay in the document, hidden. */
  const shown = (text: string | RegExp) => page.getByText(text).filter({ visible: true });
  const button = (name: string) => page.getByRole('button', { name, exact: true }).filter({ visible: true });
  const step = async (what: string, walk: () => Promise<void>) => {
    await walk().catch(async (error) => {
      const seen = await page.evaluate('document.body.innerText');
      throw new Error(`${what}: ${error.message}\nseen:\n${seen}\n${complaints.join('\n')}`);
    });
    t.diagnostic(what);
  };

  await step('signs in silently and sees the samples', async () => {
    await see(shown(SITE).first());
    await see(shown('全部 3').first());
    assert.equal(await page.getByText('登录').count(), 0);
  });

  await step('sees them move without a reload', async () => {
    const card = page.getByRole('button', { name: SITE });
    const before = await card.getAttribute('aria-label');
    await until(async () => (await card.getAttribute('aria-label')) !== before);
  });

  const slow = await api.post<{ id: string }>('/api/tasks', {
    name: '长跑',
    schedule: { kind: 'every', everyMs: 3_600_000 },
    action: { kind: 'handler', name: 'noop', input: { waitMs: 3_000, failTimes: 1, log: '一步一步' } },
  });

  await step('a task made elsewhere appears, and opens', async () => {
    await see(shown('全部 4').first());
    await shown('长跑').click();
    await see(shown('每一次都有结论').first());
    await see(shown(/^\d\d:\d\d$|^\d\d:\d\d:\d\d$/).first());
  });

  await step('the schedule is told in full, and anew when it is edited elsewhere', async () => {
    await see(shown('每小时').first());
    await see(shown('接下来').first());
    const { version } = await api.task(slow.id);
    // The night on which clocks go forward is never more than a year away.
    const schedule = { kind: 'cron', cron: '30 1 * * *', timezone: 'Europe/London' };
    const edited = await api.call('PATCH', `/api/tasks/${slow.id}`, { body: { version, schedule } });
    assert.equal(edited.status, 200);
    await see(shown('每天 01:30（Europe/London）').first());
    await see(shown(/当天没有 01:30/).first());
    await until(async () => (await shown(/^(今天|明天|周. ).*01:30/).count()) === 5);
  });

  await step('run now: the run is there at once, with its progress', async () => {
    await button('立即运行').click();
    await see(shown(/运行中 \d+%/).first());
    await page.getByRole('tab', { name: '运行记录' }).click();
    await see(shown(/运行中|排队中/).first());
  });

  await step('the run page follows attempts and log to the end', async () => {
    await page
      .locator('verdict-list, .list')
      .getByText(/运行中|等待重试|排队中/)
      .first()
      .click();
    await see(shown('一步一步').first());
    // The second attempt's line arrives while we look.
    await until(async () => (await shown('一步一步').count()) === 2);
    await see(shown('成功').first());
    const [run] = await api.runs(slow.id);
    assert.equal((await api.run(run?.id as string)).attempts.length, 2);
    await back(page);
  });

  await step('pause and resume answer at once and hold', async () => {
    await button('暂停').click();
    await see(shown('已暂停').first());
    await until(async () => (await api.task(slow.id)).state === 'paused');
    await button('恢复').click();
    await until(async () => (await api.task(slow.id)).state === 'active');
    await see(button('暂停'));
  });

  await step('a killed server is said within seconds, and everything missed comes after it', async () => {
    await back(page);
    await shown(SITE).click();
    await see(shown('每一次都有结论').first());
    await server.kill9();
    await see(shown('重连中').first());
    server = await start();
    const site = (await api.tasks()).find((task) => task.name === SITE);
    await until(async () => (await shown('重连中').count()) === 0, 60_000);
    // The newest verdicts of the server are those on the screen.
    await until(async () => {
      const newest = (await api.slots(site?.id as string)).slice(-3).map((slot) => clock(slot.plannedAt));
      const seen = (await page.locator('body').textContent()) ?? '';
      return newest.every((time) => seen.includes(time));
    });
    await back(page);
  });

  await step('offline: the last list stays, and says so; back online it is live again', async () => {
    await page.evaluate(() => globalThis.preview.setOnline(false));
    await see(
      page
        .getByText('重连中')
        .or(page.getByText(/网络不可用/))
        .first(),
    );
    await page.reload();
    await page.waitForFunction(() => globalThis.preview !== undefined);
    await see(shown(SITE).first());
    await page.evaluate(() => globalThis.preview.setOnline(true));
    await until(async () => (await shown(/重连中|网络不可用/).count()) === 0, 60_000);
  });

  await step('background and back: what happened meanwhile is there', async () => {
    await page.evaluate(() => globalThis.preview.setBackground(true));
    await api.call('DELETE', `/api/tasks/${slow.id}`);
    await page.evaluate(() => globalThis.preview.setBackground(false));
    await see(shown('全部 3').first());
    await page.getByText('长跑').waitFor({ state: 'detached' });
  });

  await step('another person sees nothing of this one', async () => {
    await page.evaluate(() => globalThis.preview.setUser('neighbour'));
    await see(shown('还没有任务').first());
    assert.equal(await page.getByText(SITE).count(), 0);
    await page.evaluate(() => globalThis.preview.setUser('demo'));
    await see(shown(SITE).first());
  });

  await step('dark and English', async () => {
    const background = () =>
      page.evaluate('getComputedStyle(document.querySelector("wx-page")).backgroundColor');
    await page.evaluate(() => globalThis.preview.setTheme('light'));
    const light = await background();
    await page.evaluate(() => globalThis.preview.setTheme('dark'));
    await until(async () => (await background()) !== light);
    await page.evaluate(() => globalThis.preview.setLanguage('en'));
    await see(shown('All 3').first());
  });

  assert.deepEqual(complaints, []);
});

async function openPhone(page: Page, server: ServerProcess): Promise<Phone> {
  const complaints: string[] = [];
  page.on('pageerror', (error) => {
    // TDesign rejects a measurement of a node that has gone with null.
    if (error !== null && String(error) !== 'null') complaints.push(String(error));
  });
  await page.goto(`${server.origin}/preview/phone.html`);
  return { page, complaints };
}

const see = (what: Locator) => what.waitFor({ timeout: PATIENCE_MS });

const back = (page: Page) => page.getByRole('button', { name: '返回' }).filter({ visible: true }).click();

const clock = (at: number) => new Date(at).toLocaleTimeString('zh-CN', { hour12: false });

async function until(holds: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    assert.ok(performance.now() < end, `never held: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
