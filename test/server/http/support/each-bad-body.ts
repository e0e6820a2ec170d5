/** Bodies with one thing wrong each: the field that is to be named, and how to spoil a good body. */
import { sampleCreate } from './samples.ts';

// biome-ignore lint/suspicious/noExplicitAny: spoiling on purpose
type Spoil = (body: Record<string, any>) => void;
export interface BadBody {
  path: string;
  code?: string;
  spoil: Spoil;
}

const long = (n: number) => 'x'.repeat(n);
const set = (path: string, value: unknown, code?: string, named = path): BadBody => ({
  path: named,
  ...(code !== undefined && { code }),
  spoil: (body) => {
    const steps = path.split('.');
    const last = steps.pop() as string;
    const holder = steps.reduce((at, step) => {
      at[step] ??= {};
      return at[step];
    }, body);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  },
});

const notInteger = (path: string, min: number, max: number): BadBody[] => [
  set(path, 'x'),
  set(path, min + 0.5),
  set(path, min - 1),
  set(path, max + 1),
];

export const goodCreate = (): Record<string, unknown> => structuredClone(sampleCreate) as never;

const every = { kind: 'every', everyMs: 60_000 };

export const BAD_TASKS: BadBody[] = [
  set('surprise', 1),
  set('name', undefined),
  set('name', ''),
  set('name', '   '),
  set('name', 7),
  set('name', null),
  set('name', long(65)),
  set('name', 'a\nb'),
  set('name', 'a\u0000b'),
  set('schedule', undefined),
  set('schedule', 'daily'),
  set('schedule.kind', 'weekly'),
  set('schedule.kind', undefined),
  set('schedule.cron', undefined),
  set('schedule.cron', 5),
  set('schedule.cron', ''),
  set('schedule.cron', long(121)),
  set('schedule.timezone', ''),
  set('schedule.timezone', 8),
  set('schedule.everyMs', 1_000),
  set('schedule.surprise', 1),
  set('schedule.calendar', 1),
  set('schedule.startAt', -1),
  set('schedule.startAt', '2026-01-01'),
  set('schedule.endAt', 1.5),
  set('schedule.endAt', 8_640_000_000_000_001),
  set('schedule.maxSlots', 0),
  set('schedule.spreadMs', -1),
  set('schedule', { ...every, everyMs: 999 }, undefined, 'schedule.everyMs'),
  set('schedule', { ...every, everyMs: '60000' }, undefined, 'schedule.everyMs'),
  set('schedule', { ...every, anchorAt: 0.5 }, undefined, 'schedule.anchorAt'),
  set('schedule', { ...every, cron: '* * * * *' }, undefined, 'schedule.cron'),
  set('schedule', { kind: 'at' }, undefined, 'schedule.at'),
  set('schedule', { kind: 'at', at: null }, undefined, 'schedule.at'),
  set('action', undefined),
  set('action', []),
  set('action.kind', 'shell'),
  set('action.kind', 'message', 'ACTION_UNSUPPORTED'),
  set('action.kind', 'cloudFunction', 'ACTION_UNSUPPORTED'),
  set('action.method', 'TRACE'),
  set('action.url', undefined),
  set('action.url', 'ftp://example.com/'),
  set('action.url', 'javascript:alert(1)'),
  set('action.url', 'https://example.com/a b'),
  set('action.url', `https://example.com/${long(2_048)}`),
  set('action.headers', 'x'),
  set('action.headers', { 'a b': 'x' }, undefined, 'action.headers.a b'),
  set('action.headers', { a: 'x\r\ny: z' }, undefined, 'action.headers.a'),
  set('action.headers', { a: 5 }, undefined, 'action.headers.a'),
  set('action.headers', { a: long(4_097) }, undefined, 'action.headers.a'),
  set('action.headers', Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`h${n}`, '']))),
  set('action.headers', Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`h${n}`, long(3_500)]))),
  set('action.body', long(16_384)),
  set('action.body', { text: '准'.repeat(5_500) }),
  set('action', { kind: 'handler', name: 'noop', input: { text: long(16_384) } }, undefined, 'action.input'),
  set('action.expect', 1),
  set('action.expect.status', []),
  set('action.expect.status', [99], undefined, 'action.expect.status[0]'),
  set('action.expect.status', [200, 600], undefined, 'action.expect.status[1]'),
  set('action.expect.maxMs', 0),
  set('action.expect.json', [{ path: '$.ok' }], undefined, 'action.expect.json[0].equals'),
  set('action.expect.json', [{ path: '$.ok', equals: {} }], undefined, 'action.expect.json[0].equals'),
  set(
    'action.expect.json',
    [{ path: '$.ok', equals: long(1_025) }],
    undefined,
    'action.expect.json[0].equals',
  ),
  set('action.expect.surprise', 1),
  set('action.followRedirects', 'yes'),
  set('action', { kind: 'handler' }, undefined, 'action.name'),
  set('action', { kind: 'handler', name: long(65) }, undefined, 'action.name'),
  set('action', { kind: 'handler', name: 'noop', url: 'https://example.com' }, undefined, 'action.url'),
  set('policy', 1),
  set('policy.surprise', 1),
  ...notInteger('policy.timeoutMs', 1, 86_400_000),
  ...notInteger('policy.retry.maxAttempts', 1, 20),
  ...notInteger('policy.retry.baseDelayMs', 0, 86_400_000),
  ...notInteger('policy.retry.maxDelayMs', 0, 86_400_000),
  set('policy.retry.surprise', 1),
  set('policy.overlap', 'queue'),
  set('policy.catchUp.policy', 'some'),
  ...notInteger('policy.catchUp.windowMs', 0, 31_622_400_000),
  ...notInteger('policy.catchUp.maxRuns', 1, 10_000),
  ...notInteger('policy.lateAfterMs', 1, 60_000),
  ...notInteger('policy.priority', -10, 10),
  ...notInteger('policy.pauseAfterFailures', 1, 1_000_000),
  set('policy.until', 'done'),
  set('policy.until', { path: '$.status' }, undefined, 'policy.until.equals'),
  set('policy.until', { path: '', equals: 1 }, undefined, 'policy.until.path'),
  set('policy.until', { path: '$.s', equals: [1] }, undefined, 'policy.until.equals'),
  set('policy.until', { path: '$.s', equals: long(1_025) }, undefined, 'policy.until.equals'),
  set('visibleTo', 'everyone'),
  set('visibleTo', 'role:'),
  set('visibleTo', `role:${long(65)}`),
  set('visibleTo', { any: [] }),
  set('requires', 'role:member', 'ACCESS_DENIED'),
  set('requires', 5, 'ACCESS_DENIED'),
];
