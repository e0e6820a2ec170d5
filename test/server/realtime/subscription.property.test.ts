import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Arrival, type Listener, Subscription } from '../../../server/realtime/subscription.ts';

const listener: Listener = { userId: 'u', subscriptions: new Map(), mayReceive: () => true, send() {} };
const topic = { kind: 'tasks', wire: 'tasks', stored: 'tasks:u', id: 'u', partition: 0 } as const;
const arrival = (seq: number, epoch = 'e'): Arrival => ({ epoch, seq, frame: Buffer.from(String(seq)) });

/** What may happen to a listener, in any order; the log only grows and is read from where it stands. */
type Step =
  | { do: 'append' }
  /** The tail brings the log's entries up to here, some of which it may bring again or have lost. */
  | { do: 'arrive'; back: number; lost: number }
  | { do: 'look' }
  | { do: 'settle' }
  | { do: 'doubt' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ do: 'append' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('arrive' as const), back: fc.nat(3), lost: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'look' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'doubt' as const }) },
);

test('whatever comes twice, late or not at all: each seq is told once, in order', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.array(step, { maxLength: 80 }), (begin, steps) => {
      const subscription = new Subscription(listener, topic, 'r');
      const told: number[] = [];
      let last = begin;
      let brought = begin;
      // A read under way answers with what the log was when it was asked.
      subscription.hold();
      let asked = last;
      let first = true;

      const ask = () => {
        if (subscription.held) return;
        subscription.hold();
        asked = last;
      };
      const settle = () => {
        if (!subscription.held) return;
        if (first) told.push(asked);
        else for (let seq = subscription.seq + 1; seq <= asked; seq += 1) told.push(seq);
        first = false;
        const { next, hole } = subscription.settle('e', asked);
        told.push(...next.map(({ seq }) => seq));
        if (hole) ask();
      };
      const bring = (from: number) => {
        for (let seq = from; seq <= last; seq += 1) {
          const fate = subscription.arrive(arrival(seq));
          if (fate === 'send') told.push(seq);
          else if (fate === 'hole') ask();
        }
        brought = last;
      };

      for (const one of steps) {
        if (one.do === 'append') last += 1;
        else if (one.do === 'arrive') bring(Math.max(1, brought + 1 - one.back + one.lost));
        else if (one.do === 'settle') settle();
        else if (one.do === 'doubt' && subscription.held) subscription.doubt();
        else if (one.do === 'look') ask();
      }
      // In the end the tail catches up, and every read is answered.
      settle();
      ask();
      settle();
      settle();
      const start = told[0] ?? 0;
      assert.deepEqual(
        told,
        Array.from({ length: last - start + 1 }, (_, index) => start + index),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('what waits is bounded; beyond it the log is asked again', () => {
  const subscription = new Subscription(listener, topic, 'r');
  subscription.hold();
  for (let seq = 1; seq <= 5_000; seq += 1) assert.equal(subscription.arrive(arrival(seq)), 'drop');
  const { next, hole } = subscription.settle('e', 0);
  assert.equal(hole, true);
  assert.ok(next.length <= 1_000);
  assert.equal(subscription.seq, next.length);
});

test('doubt about a read is a hole once it is over, and only for that read', () => {
  const subscription = new Subscription(listener, topic, 'r');
  subscription.hold();
  subscription.doubt();
  assert.equal(subscription.settle('e', 7).hole, true);
  subscription.hold();
  assert.equal(subscription.settle('e', 7).hole, false);
});

test('an event of another epoch is never told as the next one, whether it waited or comes now', () => {
  const subscription = new Subscription(listener, topic, 'r');
  subscription.hold();
  // Of writes that the store has lost since; the read finds where it stands now.
  assert.equal(subscription.arrive(arrival(11, 'lost')), 'drop');
  assert.deepEqual(subscription.settle('e', 10), { next: [], hole: true });
  assert.equal(subscription.arrive(arrival(11, 'lost')), 'hole');
  assert.equal(subscription.seq, 10);
  assert.equal(subscription.arrive(arrival(11)), 'send');
});

test('nothing reaches one that has ended', () => {
  const subscription = new Subscription(listener, topic, 'r');
  subscription.hold();
  subscription.arrive(arrival(1));
  subscription.ended = true;
  assert.deepEqual(subscription.settle('e', 0), { next: [], hole: false });
  assert.equal(subscription.arrive(arrival(2)), 'drop');
});
