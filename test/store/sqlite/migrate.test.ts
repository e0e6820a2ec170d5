/** A file of an earlier layout is brought to the present one with everything in it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { openDb } from '../../../server/store/sqlite/driver.ts';
import { closeFile } from '../../../server/store/sqlite/open-file.ts';
import type { WireRun } from '../../../server/store/sqlite/run-row.ts';
import type { WireTask } from '../../../server/store/sqlite/task-row.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { claimRequest } from '../contract/build.ts';
import { inside } from './inside.ts';

const here = (name: string) => readFileSync(new URL(`./${name}`, import.meta.url), 'utf8');
const FIRST = readFileSync(
  new URL('../../../server/store/sqlite/migrations/0001-first.sql', import.meta.url),
  'utf8',
);

it('keeps tasks, runs, verdicts, logs, queues and leases of layout 1', (t) => {
  const dir = tempDir(t);
  const old = openDb(join(dir, 'zhundian.db'));
  old.exec(`PRAGMA application_id = ${0x5a48554e}; PRAGMA user_version = 1`);
  old.exec(FIRST);
  old.exec(here('layout-1.sql'));
  old.close();
  const told = JSON.parse(here('layout-1.json')) as { task: WireTask; runs: WireRun[]; verdicts: unknown[] };

  const { db, run } = inside(dir);
  const { id, ownerId } = told.task;
  const partition = Number.parseInt(id.slice(0, 2), 16);
  const [task, ofTask, ofOwner, verdicts] = run(
    ['getTask', id],
    ['listRuns', { taskId: id }, { limit: 100 }],
    ['listRuns', { ownerId }, { limit: 100 }],
    ['listVerdicts', id, 0, Number.MAX_SAFE_INTEGER, { limit: 100 }],
  );
  assert.deepEqual(task?.value, told.task);
  assert.deepEqual(ofTask?.value.items, told.runs);
  assert.deepEqual(ofOwner?.value.items, told.runs);
  assert.deepEqual(verdicts?.value, told.verdicts);

  const state = (name: string) => told.runs.filter((one) => one.state === name);
  const succeeded = state('succeeded')[0]!;
  const [log] = run(['listRunLog', succeeded.id]);
  assert.equal(log?.value[0].text, 'a line');
  const { token, fence } = leaseOf(db, succeeded.plannedAt);
  const finish = { runId: succeeded.id, token, fence, outcome: 'succeeded', attemptOutcome: 'succeeded' };
  const rest = { retryInMs: 0, error: null, result: null, endTask: false };
  const [repeated] = run(['finishRuns', partition, [{ ...finish, ...rest }]]);
  assert.equal(repeated?.value.finished[0].code, 'already_done', 'who ended it is told so again');

  const [recovered] = run(['recoverRuns', partition, { limit: 10, countLosses: true }]);
  assert.deepEqual(recovered?.value.lost.map((one: { state: string }) => one.state).sort(), [
    'cancelled',
    'queued',
  ]);
  assert.equal(recovered?.value.nextAt, state('retry_wait')[0]!.retryAt);
  const [claimed] = run(['claimRuns', partition, claimRequest(10)]);
  assert.equal(claimed?.value.length, state('queued').length + 1, 'what was queued, and the lost one');
  closeFile({ db });
});

/** Where present files have them: in the body, by position. */
function leaseOf(db: ReturnType<typeof inside>['db'], key: number): { token: string; fence: number } {
  const body = JSON.parse(db.prepare('SELECT body FROM run WHERE key = ?').get(key)?.body as string);
  return { fence: body[11], token: body[12] };
}
