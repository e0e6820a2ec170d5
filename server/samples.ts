/** Sample tasks of the sandbox user `demo`, made once per store: what a newcomer looks at first. */
import type { TaskCreate } from '../shared/api.ts';
import type { Documents } from './auth/documents.ts';
import type { Auth } from './auth/login.ts';
import type { TaskService } from './tasks/services.ts';

/** How long another sandbox's demo endpoints may take to show that they are alive, ms. */
const DEMO_ANSWERS_MS = 500;

export function createSamples(deps: {
  auth: Auth;
  tasks: TaskService;
  documents: Documents;
  demoHost: string;
  /** Lets HTTP actions of this server reach the demo endpoints of another one. */
  allow: (host: string) => void;
}): {
  /** Makes the samples unless this store had them before. */
  make(): Promise<void>;
} {
  const { auth, tasks, documents, demoHost, allow } = deps;

  async function kept(): Promise<{ host: string | null; version: number }> {
    const document = await documents.getDocument('~meta', 'samples', 'demo');
    const host = (document?.value as { host: string } | undefined)?.host ?? null;
    return { host, version: document?.version ?? 0 };
  }

  /** Puts this server's demo endpoints down as those that the samples use; false when another server was quicker. */
  async function claim(version: number): Promise<boolean> {
    const put = { host: demoHost };
    return (await documents.putDocument('~meta', 'samples', 'demo', put, { ifVersion: version })) !== null;
  }

  return {
    async make() {
      const { host, version } = await kept();
      if (host === demoHost) return;
      const { user } = await auth.login('sandbox:demo', 'zh-CN');
      if (host === null && (await claim(version))) {
        for (const [name, sample] of Object.entries(samples(`http://${demoHost}`))) {
          await tasks.create(user.id, sample, { key: `sample-${name}` });
        }
        return;
      }
      const now = await kept();
      // Another sandbox on the same store has them: its endpoints serve both.
      if (now.host !== null && (await answersDemo(now.host))) return allow(now.host);
      if (now.host !== null && (await claim(now.version))) await moveSamples(user.id, now.host);
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

async function answersDemo(host: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${host}/demo/site`, { signal: AbortSignal.timeout(DEMO_ANSWERS_MS) });
    return answer.ok && ((await answer.json()) as { ok?: unknown }).ok === true;
  } catch {
    return false;
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
