/** Runs that people ask for, and cancelling. */
import type { AskedRun } from '../../requests.ts';
import { checkIntegers, refuse } from '../refused.ts';
import { type WireRun, wireRun } from '../run-row.ts';
import type { State } from '../state.ts';
import { cancelUnended } from './end-run.ts';
import { checkPolicy } from './fire.ts';
import { newRun } from './new-run.ts';
import { trimRuns } from './prune.ts';

const MAX_ASKED = 100;

export type WireAskAnswer =
  | { code: 'created' | 'exists'; run: WireRun }
  | { code: 'gone' }
  | { code: 'limit' };
export type WireCancelAnswer =
  | { code: 'cancelled' | 'cancelling' | 'ended'; run: WireRun }
  | { code: 'gone' };

export function askRuns(
  s: State,
  now: number,
  taskId: string,
  runs: AskedRun[],
  maxUnended: number,
): WireAskAnswer[] {
  if (runs.length > MAX_ASKED) refuse('more than 100 runs');
  for (const run of runs) {
    checkPolicy(run.policy);
    checkIntegers({ plannedAt: run.plannedAt, nominalAt: run.nominalAt });
    if (!run.id.startsWith(`${taskId}:${run.trigger}:`))
      refuse(`run id ${run.id} is not of its task and trigger`);
  }
  const answers = runs.map((asked): WireAskAnswer => {
    const task = s.task(taskId);
    if (task === null) return { code: 'gone' };
    const known = s.run(asked.id);
    if (known !== null) return { code: 'exists', run: wireRun(known) };
    if (task.asked >= maxUnended) return { code: 'limit' };
    const { trigger, line, retryOf, policy } = asked;
    const key = asked.id.slice(taskId.length + 1);
    const plannedAt = asked.plannedAt ?? now;
    const nominalAt = asked.nominalAt ?? plannedAt;
    const held = line === 'late' && task.lateLive > 0;
    const seed = {
      key,
      trigger,
      line,
      plannedAt,
      nominalAt,
      retryOf,
      policy,
      held,
      verdict: null,
      day: null,
    };
    return { code: 'created', run: wireRun(newRun(s, task, seed, now)) };
  });
  const task = s.task(taskId);
  if (task !== null) trimRuns(s, task);
  return answers;
}

export function cancelRun(s: State, now: number, runId: string): WireCancelAnswer {
  const run = s.run(runId);
  const task = run === null ? null : s.task(run.taskId);
  if (run === null || task === null) return { code: 'gone' };
  if (run.endedAt !== null) return { code: 'ended', run: wireRun(run) };
  cancelUnended(s, task, run, now);
  return { code: run.state === 'cancelling' ? 'cancelling' : 'cancelled', run: wireRun(run) };
}
