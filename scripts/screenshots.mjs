// npm run screenshots: the pictures in docs/images, from the preview, a server of its own and two minutes of real history.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { buildPreview } from './lib/preview.mjs';
import { fail, inRoot, say } from './lib/run.mjs';

const historyMs = 100_000;
const deadMs = 8_000;

await ensureInstalled();
if ((await build()) !== 0) fail('no picture was taken: the build has errors');
await buildPreview();
const helper = (name) => import(pathToFileURL(inRoot('dist', 'test', 'helpers', `${name}.js`)).href);
const { startServer } = await helper('server-process');
const { createApiClient } = await helper('api-client');
const { openBrowser } = await helper('browser');

const dataDir = mkdtempSync(path.join(os.tmpdir(), 'zhundian-pictures-'));
const atEnd = [];
let server = await startServer({ dataDir });
try {
  const api = createApiClient(() => server.origin, 'demo');
  const tasks = await makeTasks(api);
  say(`history is made for ${historyMs / 1000} s`);
  await wait(historyMs / 2);
  await server.kill9();
  await wait(deadMs);
  server = await startServer({ dataDir });
  await wait(historyMs / 2);
  await api.post(`/api/tasks/${tasks.report}/run`, {});
  await wait(3_000);
  await takePictures(tasks, await api.runs(tasks.orders));
} finally {
  for (const end of atEnd) await end();
  await server.kill9();
  rmSync(dataDir, { recursive: true, force: true });
}

async function makeTasks(api) {
  for (const { id } of await api.tasks()) await api.call('DELETE', `/api/tasks/${id}`);
  const make = async (name, schedule, input, policy = {}) =>
    (
      await api.post('/api/tasks', {
        name,
        schedule,
        action: { kind: 'handler', name: 'noop', input },
        policy,
      })
    ).id;
  const every = (seconds) => ({ kind: 'every', everyMs: seconds * 1_000 });
  const paused = await make('晨会提醒', every(2), {});
  const stock = await make('库存接口检查', every(5), { failTimes: 100 }, { retry: { maxAttempts: 1 } });
  const orders = await make('订单 8841 发货轮询', every(3), {
    waitMs: 300,
    failTimes: 1,
    log: '状态：待发货',
  });
  const report = await make(
    '每日数据同步',
    { kind: 'cron', cron: '0 9 * * *' },
    { waitMs: 20_000, log: '拉取 5,006 条' },
    { timeoutMs: 60_000 },
  );
  const site = await make('官网可用性', every(2), { waitMs: 40 });
  setTimeout(() => void api.post(`/api/tasks/${paused}/pause`, {}), historyMs / 2 - 5_000);
  return { paused, stock, orders, report, site };
}

async function takePictures(tasks, runs) {
  const browser = await openBrowser({ after: (end) => atEnd.push(end) });
  const done = runs.find((run) => run.state === 'succeeded');
  const picture = async (name, hash, { theme = 'light', language = 'zh_CN' } = {}) => {
    // What is chosen is kept; a new page begins with it.
    const before = await browser.newPage();
    await before.goto(`${server.origin}/preview/phone.html`);
    await before.evaluate((choice) => globalThis.preview.setTheme(choice), theme);
    await Promise.all([
      before.waitForEvent('load'),
      before.evaluate((choice) => globalThis.preview.setLanguage(choice), language),
    ]);
    await before.close();
    const page = await browser.newPage();
    await page.goto(`${server.origin}/preview/phone.html#/${hash}`);
    await wait(3_500);
    await page.screenshot({ path: inRoot('docs', 'images', `${name}.png`) });
    await page.close();
    say(`docs/images/${name}.png`);
  };
  await picture('tasks', 'pages/tasks/tasks');
  await picture('tasks-dark', 'pages/tasks/tasks', { theme: 'dark' });
  await picture('tasks-en', 'pages/tasks/tasks', { language: 'en' });
  await picture('task', `pages/task/task?id=${tasks.site}`);
  await picture('run', `pages/run/run?id=${encodeURIComponent(done.id)}`);
  await picture('me', 'pages/me/me');
}
