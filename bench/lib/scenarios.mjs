/**
 * What the suite measures: for each scenario its sizes, and the kinds that are measured beside each other, in turns.
 * A kind names its script in bench/measure, the servers it needs (`redis: { hz }`, `postgres: true`), and what it is given
 * beside the sizes.
 */
const ours = (script, given = {}) => [
  { kind: 'redis', script: `${script}-ours`, redis: {}, given },
  { kind: 'embedded', script: `${script}-ours`, given },
];
const bullmq = (script, given = {}) => ({ kind: 'bullmq', script: `${script}-bullmq`, redis: {}, given });

/** `minutes`: about what three rounds take. `more: true`: only when it is named or asked for. */
export const scenarios = [
  {
    name: 'burst',
    title: 'Ready no-op runs, drained at concurrency 50',
    minutes: 1,
    full: { runs: 20_000, concurrency: 50 },
    quick: { runs: 1_000, concurrency: 50 },
    kinds: [
      ...ours('burst'),
      bullmq('burst'),
      { kind: 'graphile', script: 'burst-graphile', postgres: true },
      { kind: 'pgboss', script: 'burst-pgboss', postgres: true },
    ],
    columns: { perSecond: 'runs/s' },
  },
  {
    name: 'lateness',
    title: 'One-shots at a rate: start minus planned instant, ms',
    minutes: 6,
    full: { rates: rates([100, 3], [500, 3], [2_000, 2], [5_000, 2]) },
    quick: { rates: rates([100, 1], [500, 1]) },
    kinds: [
      { kind: 'timeout', script: 'lateness-timers', given: { kind: 'timeout' } },
      { kind: 'croner', script: 'lateness-timers', given: { kind: 'croner' } },
      ...ours('lateness'),
      bullmq('lateness'),
      { kind: 'bullmq-hz100', script: 'lateness-bullmq', redis: { hz: 100 } },
    ],
    columns: { p99: 'p99', p50: 'p50', max: 'max', early: 'early', missed: 'never', twice: 'twice' },
  },
  {
    name: 'same-second',
    title: 'Tasks that all fire on every whole second: start minus slot, ms',
    minutes: 3,
    full: { seconds: 3 },
    quick: { seconds: 2 },
    cases: { full: [{ tasks: 500 }, { tasks: 2_000 }], quick: [{ tasks: 50 }, { tasks: 200 }] },
    kinds: [{ kind: 'croner', script: 'same-second-croner' }, ...ours('same-second'), bullmq('same-second')],
    columns: { p99: 'p99', p50: 'p50', max: 'max', early: 'early', missed: 'never', twice: 'twice' },
  },
  {
    name: 'idle',
    title: 'Daily tasks that lie still, and one-shots at 200/s beside them',
    minutes: 5,
    full: { idle: [10_000, 100_000], perSecond: 200, seconds: 5 },
    quick: { idle: [500, 2_000], perSecond: 200, seconds: 1 },
    withinMs: 300_000,
    kinds: [...ours('idle'), bullmq('idle')],
    columns: {
      bytesPerTask: 'bytes a task',
      createdPerSecond: 'made a second',
      p99: 'p99, ms',
      p50: 'p50, ms',
      rssMiB: 'process, MiB',
    },
  },
  {
    name: 'million',
    title: '1,000,000 daily tasks that lie still, and one-shots at 200/s beside them',
    minutes: 12,
    more: true,
    full: { idle: [1_000_000], perSecond: 200, seconds: 10 },
    quick: { idle: [5_000], perSecond: 200, seconds: 1 },
    withinMs: 900_000,
    kinds: ours('idle'),
    columns: {
      bytesPerTask: 'bytes a task',
      createdPerSecond: 'made a second',
      p99: 'p99, ms',
      p50: 'p50, ms',
      rssMiB: 'process, MiB',
    },
  },
  {
    name: 'kill',
    title: 'kill -9 of a server with 200 runs on it: seconds until all run again on another',
    minutes: 4,
    full: { runs: 200 },
    quick: { runs: 20 },
    kinds: [
      { kind: 'redis', script: 'kill-ours', redis: {} },
      { kind: 'bullmq-tuned', script: 'kill-bullmq', redis: {}, given: { tuned: true } },
      { kind: 'bullmq', script: 'kill-bullmq', redis: {}, given: { tuned: false } },
    ],
    columns: {
      lastSeconds: 'all run again, s',
      firstSeconds: 'first, s',
      lost: 'lost',
      twice: 'finished twice',
      more: 'started a third time',
    },
  },
  {
    name: 'downtime',
    title: '100 tasks of every second, nobody there for 10 s',
    minutes: 3,
    full: { tasks: 100, awayMs: 10_000, besideMs: 4_000 },
    quick: { tasks: 10, awayMs: 2_000, besideMs: 2_000 },
    kinds: [...ours('downtime'), bullmq('downtime')],
    columns: {
      planned: 'slots of the gap',
      ran: 'ran afterwards',
      neverRan: 'never ran',
      missed: 'without a verdict',
    },
  },
  {
    name: 'heavy-owner',
    title: '10,000 tasks of one owner and 100 of others, all due at one instant, 5 ms each, concurrency 200',
    minutes: 2,
    full: { heavy: 10_000, light: 100 },
    quick: { heavy: 1_000, light: 20 },
    kinds: [
      { kind: 'redis', script: 'heavy-owner', redis: {}, given: { shared: false } },
      { kind: 'redis-shared', script: 'heavy-owner', redis: {}, given: { shared: true } },
      { kind: 'embedded', script: 'heavy-owner', given: { shared: false } },
      { kind: 'embedded-shared', script: 'heavy-owner', given: { shared: true } },
    ],
    columns: { p99: 'p99 of the 100, ms', max: 'max, ms', perSecond: 'runs/s, all' },
  },
  {
    name: 'processes',
    title: 'One Redis, ready no-op runs drained by one process or by two with half the places each',
    minutes: 1,
    full: { runs: 40_000, concurrency: 100 },
    quick: { runs: 2_000, concurrency: 100 },
    kinds: [
      { kind: 'one', script: 'processes', redis: {}, given: { processes: 1 } },
      { kind: 'two', script: 'processes', redis: {}, given: { processes: 2 } },
    ],
    columns: { perSecond: 'runs/s', leastShare: '% by the slower one' },
  },
];

/** What people read for a kind. */
export const KIND_NAMES = {
  redis: '准点, Redis',
  embedded: '准点, embedded',
  'redis-shared': '准点, Redis, all of one owner',
  'embedded-shared': '准点, embedded, all of one owner',
  one: '准点, one process',
  two: '准点, two processes',
  bullmq: 'BullMQ',
  'bullmq-hz100': 'BullMQ, Redis at hz 100',
  'bullmq-tuned': 'BullMQ, lease and check 5 s',
  graphile: 'graphile-worker, batching',
  pgboss: 'pg-boss',
  croner: 'croner, in process',
  timeout: 'setTimeout, in process',
};

function rates(...pairs) {
  return pairs.map(([perSecond, seconds]) => ({ perSecond, seconds }));
}
