/** What a newcomer sees when the server is up: where it is, who one is, what to try. */
import type { App } from './app.ts';
import type { Config } from './config.ts';
import { VERSION } from './version.ts';

export function banner(config: Config, app: Pick<App, 'port' | 'storeInfo'>): string {
  const port = app.port();
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const where = `http://${host}:${port}`;
  const isWorker = config.role === 'worker';
  const lines = [
    `准点 zhundian ${VERSION}   ${where}${isWorker ? ' (ROLE=worker: /healthz and /readyz only)' : ''}   (${app.storeInfo().durability})`,
    ...(config.sandbox && !isWorker ? tryThis(where) : []),
  ];
  return `${lines.join('\n')}\n`;
}

const tryThis = (where: string) => [
  `See it on a phone:      ${where}/preview/`,
  `You are "demo" (sandbox WeChat; any login code works):  TOKEN=$(curl -s ${where}/api/auth/login -H 'content-type: application/json' -d '{"code":"demo"}' | node -pe 'JSON.parse(require("fs").readFileSync(0)).accessToken')`,
  `Your sample tasks:      curl -s ${where}/api/tasks -H "authorization: Bearer $TOKEN"`,
  `Make one, every second: curl -s ${where}/api/tasks -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"name":"my check","schedule":{"kind":"every","everyMs":1000},"action":{"kind":"handler","name":"noop"}}'`,
  `Then see every slot's verdict at /api/tasks/<id>/slots and the proof at /api/tasks/<id>/audit; all routes: ${where}/openapi.json`,
];
