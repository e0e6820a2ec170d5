import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServerClock, differenceOf, nextEstimate } from '../../miniprogram/lib/server-clock.ts';

const MIN = 60_000;

/** A phone whose clock is `offMs` behind the server's; a message takes `delayMs`. */
function phoneBehind(offMs: number) {
  let trueAt = 1_800_000_000_000;
  let off = offMs;
  const clock = createServerClock(() => trueAt - off);
  return {
    errorMs: () => clock.now() - trueAt,
    hear(delayMs: number) {
      clock.heard(trueAt - delayMs);
    },
    pass(ms: number) {
      trueAt += ms;
    },
    setClock(ms: number) {
      off = ms;
    },
    clock,
  };
}

test('until something was heard it is the phone’s own clock', () => {
  const phone = phoneBehind(30_000);
  assert.equal(phone.errorMs(), -30_000);
  phone.clock.heard(Number.NaN);
  assert.equal(phone.errorMs(), -30_000, 'what is no instant says nothing');
});

for (const offMs of [30_000, -30_000, 0]) {
  test(`a phone that is ${offMs} ms behind is right to within the least delay seen`, () => {
    const phone = phoneBehind(offMs);
    for (const delayMs of [400, 35, 2_000, 90]) {
      phone.hear(delayMs);
      phone.pass(1_000);
    }
    assert.equal(phone.errorMs(), -35);
  });
}

test('dates of whole seconds come near as answers come', () => {
  let trueAt = 1_800_000_000_250;
  const clock = createServerClock(() => trueAt);
  for (let answers = 0; answers < 20; answers += 1) {
    clock.heard(Math.floor(trueAt / 1_000) * 1_000);
    trueAt += 1_370;
  }
  assert.ok(clock.now() <= trueAt && clock.now() >= trueAt - 60, `${clock.now() - trueAt}`);
});

test('a clock set back is believed at once, one set forward after four minutes', () => {
  const phone = phoneBehind(0);
  phone.hear(20);
  phone.setClock(MIN);
  phone.hear(20);
  assert.equal(phone.errorMs(), -20, 'set back');

  phone.setClock(0);
  for (let heartbeats = 0; heartbeats < 12; heartbeats += 1) {
    phone.pass(25_000);
    phone.hear(20);
  }
  assert.equal(phone.errorMs(), -20, 'set forward');
});

test('the least delay is remembered across one change of the gathering time, and no longer', () => {
  const first = nextEstimate(null, 1_000, 1_010);
  const second = nextEstimate(first, 1_000 + 2 * MIN, 1_500 + 2 * MIN);
  assert.equal(differenceOf(second), -10);
  const third = nextEstimate(second, 1_000 + 5 * MIN, 1_300 + 5 * MIN);
  assert.equal(differenceOf(third), -300);
  const late = nextEstimate(first, 1_000 + 9 * MIN, 1_400 + 9 * MIN);
  assert.equal(differenceOf(late), -400, 'what is older than two of them is forgotten');
});
