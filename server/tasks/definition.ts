/** What an owner writes, checked and brought to the form in which it is kept. */
import type { TaskCreate } from '../../shared/api.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Action, Schedule, TaskDefinition, TaskPolicy } from '../../shared/task.ts';
import { parsePath } from '../actions/action.ts';
import { AppError, type AppErrorDetail } from '../lib/errors.ts';
import { POLICY_DEFAULTS } from './policy-defaults.ts';
import { MASK } from './task-view.ts';
import { checkSchedule } from './validate-schedule.ts';
import { scheduleZone } from './zone-day.ts';

/** One thing wrong with an action; from the action registry. */
export interface ActionProblem {
  code: ErrorCode;
  path: string;
  message: { zh: string; en: string };
}

export type CheckAction = (action: Action) => ActionProblem[];

/** Rejects with the first problem's code and all problems as details. `now` in store time. */
export function checkDefinition(definition: TaskDefinition, now: number, checkAction: CheckAction): void {
  const problems: ActionProblem[] = [
    ...checkSchedule(definition.schedule, now),
    ...checkAction(definition.action),
    ...checkMasks(definition.action),
    ...checkPolicy(definition.policy),
  ];
  const [first] = problems;
  if (first === undefined) return;
  const details: AppErrorDetail[] = problems.map(({ path, message }) => ({ path, message }));
  throw new AppError(first.code, first.message, { details });
}

/** A mask that stands for no kept value would be sent as it is. */
function checkMasks(action: Action): ActionProblem[] {
  if (action.kind !== 'http') return [];
  const masked = Object.entries(action.headers ?? {}).filter(([, value]) => value === MASK);
  const paths = masked.map(([name]) => `action.headers.${name}`);
  if (action.body === MASK) paths.unshift('action.body');
  const message = { zh: '须重新填写', en: 'give the value again' };
  return paths.map((path) => ({ code: 'ACTION_UNSUPPORTED', path, message }));
}

function checkPolicy(policy: TaskPolicy): ActionProblem[] {
  if (!policy.until || parsePath(policy.until.path) !== null) return [];
  return [
    {
      code: 'POLICY_INVALID',
      path: 'policy.until.path',
      message: { zh: '路径写法如 $.a.b[0]', en: 'a path looks like $.a.b[0]' },
    },
  ];
}

/** Only what differs from a default is kept; null and undefined mean the default. */
export function toDefinition(input: TaskCreate): TaskDefinition {
  const policy = without(input.policy ?? {}, POLICY_DEFAULTS) as TaskPolicy;
  for (const part of ['retry', 'catchUp'] as const) {
    const kept = without(policy[part] ?? {}, {});
    if (Object.keys(kept).length === 0) delete policy[part];
  }
  return {
    name: input.name.trim(),
    schedule: without(input.schedule, SCHEDULE_DEFAULTS) as unknown as Schedule,
    action: without(input.action, {}) as unknown as Action,
    policy,
    requires: null,
    visibleTo: input.visibleTo ?? null,
  };
}

const SCHEDULE_DEFAULTS = { calendar: 'all', startAt: null, endAt: null, maxSlots: null, spreadMs: 0 };

function without(value: object, defaults: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([key, field]) => field !== undefined && field !== null && field !== defaults[key],
    ),
  );
}

/** Whether both plan the same slots by the same words, defaults spelt out or not. */
export function sameSchedule(a: Schedule, b: Schedule): boolean {
  return sameJson(spelt(a), spelt(b));
}

/** Whether both have the same nominal slots but for bounds and calendar. */
export function samePattern(a: Schedule, b: Schedule): boolean {
  const bare = { calendar: 'all', startAt: null, endAt: null, maxSlots: null, spreadMs: 0 } as const;
  return sameSchedule({ ...a, ...bare }, { ...b, ...bare });
}

function spelt(schedule: Schedule): object {
  const whole = { ...SCHEDULE_DEFAULTS, ...schedule };
  if (schedule.kind === 'cron') return { ...whole, timezone: scheduleZone(schedule) };
  return schedule.kind === 'every' ? { ...whole, anchorAt: schedule.anchorAt ?? 0 } : whole;
}

/** Field by field, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with sorted keys: the same for the same value. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    field !== null && typeof field === 'object' && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
}
