import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPageTimer } from '../../miniprogram/lib/page-timer.ts';
import { createFakeTime } from './support/fake-time.ts';

test('ticks at once and then at every full second; hidden it stands still', async () => {
  const time = createFakeTime(1_700_000_000_300);
  const ticks: number[] = [];
  const timer = createPageTimer((nowAt) => void ticks.push(nowAt % 100_000), time);
  timer.stop();
  timer.start();
  timer.start();
  await time.pass(2_000);
  assert.deepEqual(ticks, [300, 1000, 2000]);
  timer.stop();
  timer.stop();
  assert.equal(time.waiting(), 0);
  await time.pass(5_000);
  assert.equal(ticks.length, 3);
  timer.start();
  await time.pass(700);
  assert.deepEqual(ticks.slice(3), [7300, 8000]);
});

test('a tick may stop it', async () => {
  const time = createFakeTime(1_700_000_000_000);
  let ticks = 0;
  const timer = createPageTimer(() => {
    ticks += 1;
    if (ticks === 2) timer.stop();
  }, time);
  timer.start();
  await time.pass(5_000);
  assert.equal(ticks, 2);
});
