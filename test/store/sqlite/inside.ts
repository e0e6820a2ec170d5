/** The thread's inside, without the thread: operations run at once, at a time that the test names. */
import { BatchRunner } from '../../../server/store/sqlite/batch.ts';
import { openFile } from '../../../server/store/sqlite/open-file.ts';
import type { OperationName } from '../../../server/store/sqlite/operations.ts';
import { State } from '../../../server/store/sqlite/state.ts';
import { newTask } from '../contract/build.ts';

export const NOW = 1_800_000_000_000;

export function inside(dir: string) {
  const { db, boot } = openFile(dir);
  const state = new State(db, boot);
  state.load();
  const runner = new BatchRunner(state);
  const run = (...operations: [OperationName, ...unknown[]][]) =>
    runner
      .run(
        operations.map(([name, ...args]) => [name, args]),
        NOW,
      )
      .answers.map((answer) => ({
        ...('error' in answer ? answer : { error: undefined, message: undefined }),
        // biome-ignore lint/suspicious/noExplicitAny: one helper for the answers of all operations
        value: ('value' in answer ? answer.value : undefined) as any,
      }));
  return { db, state, runner, run };
}

export function wireTask(ownerId: string) {
  const task = newTask(ownerId, NOW - 10_000);
  return { ...task, definition: JSON.stringify(task.definition) };
}
