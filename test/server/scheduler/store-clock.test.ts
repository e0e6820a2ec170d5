/** Store time as a process knows it, while its host's clock, the network and the store's clock misbehave. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';
import { createStoreClock, type StoreClock } from '../../../server/scheduler/store-clock.ts';
import type { Store } from '../../../server/store/store.ts';

const PROBE_EVERY_MS = 3_000;

interface Line {
  msg: string;
  skewMs?: number;
  backMs?: number;
}

/** Four clocks: true time, the process's monotonic one, the host's and the store's. */
class World {
  monotonic = 5_000;
  hostAhead = 1_000_000;
  storeAhead = 1_000_000;
  /** Of the next probes: ms there, ms back. */
  trips: [there: number, back: number][] = [];
  away = false;
  probes = 0;
  readonly lines: Line[] = [];
  readonly clock: StoreClock;
  readonly #t: TestContext;

  constructor(t: TestContext, kind: Store['kind'] = 'redis') {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    this.#t = t;
    const write = (line: string) => void this.lines.push(JSON.parse(line) as Line);
    this.clock = createStoreClock({
      store: { kind, time: () => this.#time() } as Store,
      host: { now: () => this.monotonic + this.hostAhead },
      monotonicMs: () => this.monotonic,
      logger: createLogger({ level: 'info', destination: { write } }),
    });
  }

  async #time(): Promise<number> {
    this.probes += 1;
    if (this.away) throw new Error('away');
    const [there, back] = this.trips.shift() ?? [1, 0];
    this.monotonic += there;
    const at = this.monotonic + this.storeAhead;
    this.monotonic += back;
    return at;
  }

  /** Monotonic time passes, and the timers with it; resolves when what they started is done. */
  async pass(ms: number): Promise<void> {
    this.monotonic += ms;
    this.#t.mock.timers.tick(ms);
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
  }

  /** What the clock says beyond the store's time, ms. */
  error(): number {
    return this.clock.now() - (this.monotonic + this.storeAhead);
  }
}

/** Probes at the start. */
const PROBES = 8;

test('the offset is the highest that no probe contradicts: that of the shortest way back', async (t) => {
  const w = new World(t);
  w.storeAhead += 400;
  w.trips = [[50, 10], [3, 3], [5, 75], ...Array.from({ length: 5 }, (): [number, number] => [1, 20])];
  await w.clock.start();
  assert.equal(w.probes, PROBES);
  assert.equal(w.error(), -3, 'behind the store by the shortest way back, never ahead of it');
  assert.equal(Math.round(w.clock.offsetMs()), 397);
  assert.deepEqual(w.lines, [], 'a skew below a second is not worth saying');
  w.trips = [[0, 40]];
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.probes, PROBES + 1);
  assert.equal(w.error(), -3, 'a longer way back changes nothing');
  w.trips = [[40, 1]];
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.error(), -1, 'a shorter one comes nearer');
});

test('a probe is forgotten after eight, since clocks drift', async (t) => {
  const w = new World(t);
  await w.clock.start();
  w.storeAhead -= 10;
  for (let n = 0; n < PROBES - 1; n += 1) await w.pass(PROBE_EVERY_MS);
  assert.equal(w.error(), 10);
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.error(), 0);
});

test('the host clock set by an hour changes nothing but what is said about it', async (t) => {
  const w = new World(t);
  await w.clock.start();
  for (const ms of [3_600_000, -7_200_000]) {
    w.hostAhead += ms;
    assert.equal(w.error(), 0, 'before the next probe');
    await w.pass(PROBE_EVERY_MS);
    assert.equal(w.error(), 0, 'and behind it');
  }
  assert.equal(Math.round(w.clock.offsetMs()), 3_600_000, 'host time plus the offset is store time');
  assert.deepEqual(
    w.lines.map(({ msg, skewMs }) => [msg, skewMs]),
    [
      ['this host and the store disagree about the time', -3_600_000],
      ['this host and the store disagree about the time', 3_600_000],
    ],
    'once per change',
  );
});

test('a store clock that went back by more than 5 s is followed and reported', async (t) => {
  const w = new World(t);
  await w.clock.start();
  w.storeAhead -= 5_100;
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.error(), 0);
  const went = w.lines.filter(({ msg }) => msg.startsWith('clock_went_back'));
  assert.deepEqual(
    went.map(({ backMs }) => backMs),
    [5_100],
  );
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.lines.filter(({ msg }) => msg.startsWith('clock_went_back')).length, 1, 'once');
});

test('smaller steps back and steps ahead are followed without that word', async (t) => {
  for (const ms of [-4_900, -200, 200, 3_600_000]) {
    await t.test(`${ms} ms`, async (t2) => {
      const w = new World(t2);
      await w.clock.start();
      w.storeAhead += ms;
      await w.pass(PROBE_EVERY_MS);
      assert.equal(w.error(), 0);
      assert.ok(!w.lines.some(({ msg }) => msg.startsWith('clock_went_back')));
    });
  }
});

test('after a sleep, which monotonic time leaves out, the store is asked at once', async (t) => {
  const w = new World(t);
  await w.clock.start();
  w.hostAhead += 3_600_000;
  w.storeAhead += 3_600_000;
  assert.equal(w.error(), -3_600_000);
  await w.pass(0);
  assert.equal(w.error(), 0);
  assert.equal(w.probes, PROBES + 1);
});

test('while the store is away the last offset stands, and it is asked again', async (t) => {
  const w = new World(t);
  w.storeAhead += 700;
  await w.clock.start();
  w.away = true;
  for (let n = 0; n < 3; n += 1) await w.pass(PROBE_EVERY_MS);
  assert.equal(w.probes, PROBES + 3);
  assert.equal(w.error(), 0);
  w.away = false;
  w.storeAhead += 100;
  await w.pass(PROBE_EVERY_MS);
  assert.equal(w.error(), 0);
});

test('it answers whole ms and stops asking when stopped', async (t) => {
  const w = new World(t);
  w.trips = [[0.4, 0.3]];
  await w.clock.start();
  assert.ok(Number.isInteger(w.clock.now()));
  await w.clock.stop();
  await w.pass(10 * PROBE_EVERY_MS);
  assert.equal(w.probes, PROBES);
});

test('the embedded store lives on the host clock', async (t) => {
  const w = new World(t, 'embedded');
  w.hostAhead += 77;
  await w.clock.start();
  assert.deepEqual([w.clock.now(), w.clock.offsetMs(), w.probes], [w.monotonic + w.hostAhead, 0, 0]);
  await w.clock.stop();
});
