/** Sample tasks of the sandbox user `demo`, made once per store: what a newcomer looks at first. */
import type { TaskCreate } from '../shared/api.ts';
import type { Documents } from './auth/documents.ts';
import type { Auth } from './auth/login.ts';
import type { TaskService } from './tasks/services.ts';

export function createSamples(deps: {
  auth: Auth;
  tasks: TaskService;
  documents: Documents;
  demoHost: string;
}): {
  /** Makes the samples unless this store had them before. */
  make(): Promise<void>;
} {
  const { auth, tasks, documents, demoHost } = deps;
  return {
    async make() {
      const kept = await documents.getDocument('~meta', 'samples', 'demo');
      const host = (kept?.value as { host: string } | undefined)?.host;
      if (host === demoHost) return;
      const { user } = await auth.login('sandbox:demo', 'zh-CN');
      if (host === undefined) {
        for (const [name, sample] of Object.entries(samples(`http://${demoHost}`))) {
          await tasks.create(user.id, sample, { key: `sample-${name}` });
        }
      } else await moveSamples(user.id, host);
      await documents.putDocument(
        '~meta',
        'samples',
        'demo',
        { host: demoHost },
        { ifVersion: kept?.version ?? 0 },
      );
    },
  };

  /** The demo endpoints had to take another port: what still points to the old one follows. */
  async function moveSamples(userId: string, oldHost: string): Promise<void> {
    const { items } = await tasks.list(userId, { limit: 100 });
    for (const task of items) {
      const text = JSON.stringify(task.action);
      if (!text.includes(`http://${oldHost}/demo/`)) continue;
      const action = JSON.parse(text.replaceAll(`http://${oldHost}/demo/`, `http://${demoHost}/demo/`));
      await tasks.patch(userId, task.id, { version: task.version, action });
    }
  }
}

/** Where the demo endpoints were when the samples were made; 0: no samples yet. */
export async function sampleDemoPort(documents: Documents): Promise<number> {
  const kept = await documents.getDocument('~meta', 'samples', 'demo');
  const host = (kept?.value as { host: string } | undefined)?.host;
  return host === undefined ? 0 : Number(host.split(':')[1]);
}

const samples = (base: string): Record<string, TaskCreate> => ({
  site: {
    name: '示例：网站监控（每 10 秒）',
    schedule: { kind: 'every', everyMs: 10_000 },
    action: {
      kind: 'http',
      url: `${base}/demo/site`,
      expect: { status: [200], maxMs: 3_000, json: [{ path: '$.ok', equals: true }] },
    },
  },
  order: {
    name: '示例：订单轮询（完成后自动结束）',
    schedule: { kind: 'every', everyMs: 5_000 },
    action: { kind: 'http', url: `${base}/demo/order?id=sample` },
    policy: { until: { path: '$.status', equals: 'done' } },
  },
  sync: {
    name: '示例：每日同步（每天 09:00）',
    schedule: { kind: 'cron', cron: '0 9 * * *', timezone: 'Asia/Shanghai' },
    action: {
      kind: 'handler',
      name: 'dataSync',
      input: { from: `${base}/demo/items`, itemsPath: '$.items', idPath: '$.id' },
    },
  },
});
