/** The services over a real embedded store with the test's clock, and a scheduler to fire what they plan. */
import assert from 'node:assert/strict';
import { AppError } from '../../../../server/lib/errors.ts';
import { createHistoryService } from '../../../../server/tasks/history-service.ts';
import { createPreviewService } from '../../../../server/tasks/preview-service.ts';
import { createRunService } from '../../../../server/tasks/run-service.ts';
import type {
  HistoryService,
  PreviewService,
  RunService,
  TaskService,
} from '../../../../server/tasks/services.ts';
import { createTaskService } from '../../../../server/tasks/task-service.ts';
import type { TaskCreate } from '../../../../shared/api.ts';
import type { ErrorCode } from '../../../../shared/errors.ts';
import { type Embedded, openEmbedded, schedulingServer, workOff } from '../../../helpers/engine-harness.ts';

export const ME = 'me';
export const OTHER = 'somebody else';

export interface ServiceBench extends Embedded {
  tasks: TaskService;
  runs: RunService;
  history: HistoryService;
  preview: PreviewService;
  /** Time passes, what is due is fired and (unless told) run. */
  pass(ms: number, work?: boolean): Promise<void>;
}

/** Actions named `bad` are refused. */
export async function openServices(t: { after(fn: () => unknown): void }): Promise<ServiceBench> {
  const embedded = await openEmbedded(t);
  const { store, clock } = embedded;
  const { scheduler } = await schedulingServer(embedded);
  return Object.assign(embedded, {
    tasks: createTaskService({
      store,
      checkAction: (action) =>
        action.kind === 'handler' && action.name === 'bad'
          ? [
              {
                code: 'HANDLER_UNKNOWN' as const,
                path: 'action.name',
                message: { zh: '没有', en: 'no such handler' },
              },
            ]
          : [],
    }),
    runs: createRunService({ store }),
    history: createHistoryService({ store, clock }),
    preview: createPreviewService({ store, clock }),
    async pass(ms: number, work = true) {
      clock.advance(ms);
      await scheduler.runOnce();
      if (work) await workOff(store);
    },
  });
}

export const input = (more: Partial<TaskCreate> = {}): TaskCreate => ({
  name: 'check',
  schedule: { kind: 'every', everyMs: 60_000 },
  action: { kind: 'handler', name: 'noop' },
  ...more,
});

/** Rejects with this code; answers the error. */
export async function refused(code: ErrorCode, work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => assert.fail(`not refused with ${code}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.code, code, error.message);
  return error;
}
