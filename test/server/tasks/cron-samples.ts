/** Zones, instants and cron patterns for the property tests: many near transitions, patterns of every kind croner takes. */
import fc from 'fast-check';
import { transitionsBetween } from '../../../server/tasks/zone-offsets.ts';

export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/St_Johns',
  'America/Havana',
  'Antarctica/Troll',
  'Asia/Shanghai',
  'Asia/Kathmandu',
  'Asia/Tehran',
  'Pacific/Apia',
  'Pacific/Chatham',
  'UTC',
];

const HOUR = 3_600_000;
const FROM = Date.UTC(1990, 0, 1);
const TO = Date.UTC(2040, 0, 1);

const transitionsOf = new Map<string, number[]>();
for (const timezone of ZONES) {
  transitionsOf.set(
    timezone,
    transitionsBetween(FROM, TO, timezone).map(({ at }) => at),
  );
}

/** A zone and an instant in it: any instant of 1990 to 2039, or one within 30 hours of a transition. */
export const zonedInstant = fc.constantFrom(...ZONES).chain((timezone) => {
  const transitions = transitionsOf.get(timezone)!;
  const any = fc.integer({ min: FROM, max: TO });
  const near =
    transitions.length === 0
      ? any
      : fc
          .tuple(fc.constantFrom(...transitions), fc.integer({ min: -30 * HOUR, max: 30 * HOUR }))
          .map(([at, by]) => at + by);
  return fc
    .oneof(any, { weight: 3, arbitrary: near })
    .chain((at) => fc.constantFrom(at, Math.floor(at / 1_000) * 1_000, Math.floor(at / HOUR) * HOUR))
    .map((at) => ({ timezone, at }));
});

function fieldOf(min: number, max: number) {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const step = fc.integer({ min: 1, max: Math.min(30, max - min) });
  const item = fc.oneof(
    value.map(String),
    range.map(([a, b]) => `${a}-${b}`),
    fc.tuple(range, step).map(([[a, b], by]) => `${a}-${b}/${by}`),
    step.map((by) => `*/${by}`),
  );
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('*', '?') },
    { weight: 2, arbitrary: value.map(String) },
    { weight: 2, arbitrary: item },
    fc.array(item, { minLength: 2, maxLength: 3 }).map((items) => items.join(',')),
  );
}

const second = fc.oneof(fc.constant(null), fc.constant('0'), fieldOf(0, 59));
const hour = fc.oneof(fieldOf(0, 23), fieldOf(0, 4));
const dayOfMonth = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('*', '?') },
  { weight: 2, arbitrary: fieldOf(1, 31) },
  fc.constantFrom('L', 'LW', '15W', '1W', '31', '1,L'),
);
const month = fc.oneof(
  { weight: 5, arbitrary: fc.constant('*') },
  fieldOf(1, 12),
  fc.constantFrom('JAN', 'mar-oct'),
);
const dayOfWeek = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('*', '?') },
  { weight: 2, arbitrary: fieldOf(0, 7) },
  fc.constantFrom('MON-FRI', 'sun', '5#2', '5L', '1#1,3#3', '+1-5', '+0'),
);

/** Cron patterns of 5 and 6 fields. Some never fire. */
export const cronPattern = fc
  .tuple(second, fieldOf(0, 59), hour, dayOfMonth, month, dayOfWeek)
  .map((fields) => fields.filter((field) => field !== null).join(' '));
