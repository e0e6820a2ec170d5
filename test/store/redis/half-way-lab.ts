/** A Redis store whose scripts can be made to fail at their n-th call. Only tests put such a script together. */
import { createHash } from 'node:crypto';
import { parseRedisUrl } from '../../../server/store/redis/client.ts';
import { createDocumentSteps } from '../../../server/store/redis/document-steps.ts';
import { createFiringSteps } from '../../../server/store/redis/firing-steps.ts';
import { createHistorySteps } from '../../../server/store/redis/history-steps.ts';
import { createInspectionSteps } from '../../../server/store/redis/inspection-steps.ts';
import { createKeys, type Keys } from '../../../server/store/redis/keys.ts';
import { createLink, type Link } from '../../../server/store/redis/link.ts';
import { createRunSteps } from '../../../server/store/redis/run-steps.ts';
import { loadScripts, type Script, type ScriptName } from '../../../server/store/redis/scripts.ts';
import { createTaskSteps } from '../../../server/store/redis/task-steps.ts';
import { createTransferSteps } from '../../../server/store/redis/transfer-steps.ts';
import { newPrefix, removeKeys, wakeListener } from './open-redis-store.ts';

export const INJECTED = 'injected failure';

/** The script, with `redis.call` failing instead of making its n-th call. */
function failingAt(script: Script, n: number): Script {
  const wrapper = `local before, calls = redis, 0
local redis = { error_reply = redis.error_reply, call = function(...)
  calls = calls + 1
  if calls == ${n} then error('${INJECTED}') end
  return before.call(...)
end }
`;
  const shebang = /^#!.*\n/.exec(script.source)?.[0] ?? '';
  const source = shebang + wrapper + script.source.slice(shebang.length);
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}

export interface Lab {
  store: ReturnType<typeof createFiringSteps> &
    ReturnType<typeof createTaskSteps> &
    ReturnType<typeof createRunSteps> &
    ReturnType<typeof createHistorySteps> &
    ReturnType<typeof createDocumentSteps> &
    ReturnType<typeof createTransferSteps> &
    ReturnType<typeof createInspectionSteps>;
  link: Link;
  keys: Keys;
  /** True when the step failed by injection; false when it came through before its n-th call. */
  breakAt(name: ScriptName, n: number, step: () => Promise<unknown>): Promise<boolean>;
  close(): Promise<void>;
}

export async function openLab(url: string): Promise<Lab> {
  const prefix = newPrefix();
  const scripts = loadScripts();
  const keys = createKeys(prefix);
  const link = createLink({ target: parseRedisUrl(url), keys, scripts });
  await link.open(wakeListener([]));
  await link.check();
  return {
    store: {
      ...createFiringSteps({ link }),
      ...createTaskSteps({ link, keys }),
      ...createRunSteps({ link, keys }),
      ...createHistorySteps({ link, keys }),
      ...createDocumentSteps({ link, keys }),
      ...createTransferSteps({ link, keys }),
      ...createInspectionSteps({ link, keys }),
    },
    link,
    keys,
    async breakAt(name, n, step) {
      const whole = scripts[name];
      scripts[name] = failingAt(whole, n);
      try {
        await step();
        return false;
      } catch (error) {
        if (error instanceof Error && error.message.includes(INJECTED)) return true;
        throw error;
      } finally {
        scripts[name] = whole;
      }
    },
    async close() {
      await link.close();
      await removeKeys(url, prefix);
    },
  };
}
