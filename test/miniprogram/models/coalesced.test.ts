import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCoalesced } from '../../../miniprogram/models/coalesced.ts';
import { createFakeTime } from '../support/fake-time.ts';

/** Readings take `tookMs`. */
function bench(tookMs: number) {
  const time = createFakeTime(0);
  const startedAt: number[] = [];
  const read = () => {
    startedAt.push(time.now());
    return new Promise<void>((resolve) => {
      time.setTimer(resolve, tookMs);
    });
  };
  const coalesced = createCoalesced(read, { everyMs: 100, now: time.now, setTimer: time.setTimer });
  return { coalesced, time, startedAt };
}

describe('coalesced', () => {
  it('reads at once, and once for all wishes of a while', async () => {
    const { coalesced, time, startedAt } = bench(10);
    for (let n = 0; n < 5; n += 1) coalesced.want();
    await time.pass(50);
    coalesced.want();
    coalesced.want();
    await time.pass(500);
    assert.deepEqual(startedAt, [0, 100]);
  });

  it('never reads twice at a time, and reads again for what was wanted meanwhile', async () => {
    const { coalesced, time, startedAt } = bench(250);
    coalesced.want();
    await time.pass(150);
    coalesced.want();
    assert.deepEqual(startedAt, [0]);
    await time.pass(1_000);
    assert.deepEqual(startedAt, [0, 250]);
  });

  it('starts nothing and waits for nothing once it was stopped', async () => {
    const { coalesced, time, startedAt } = bench(10);
    coalesced.want();
    await time.pass(50);
    coalesced.want();
    assert.equal(time.waiting(), 1);
    coalesced.stop();
    assert.equal(time.waiting(), 0);
    coalesced.want();
    await time.pass(500);
    assert.deepEqual(startedAt, [0]);
  });
});
