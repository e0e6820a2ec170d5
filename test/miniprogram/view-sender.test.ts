import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createViewSender } from '../../miniprogram/lib/view-sender.ts';
import { createFakeTime } from './support/fake-time.ts';

function parts() {
  const time = createFakeTime();
  const sent: Record<string, unknown>[] = [];
  const sender = createViewSender({
    toShown: (n: number) => ({ page: { n, even: n % 2 === 0 } }),
    send: (changes) => void sent.push(changes),
    setTimer: time.setTimer,
  });
  return { time, sent, sender };
}

test('a burst is one sending, of the newest, and of what changed only', async () => {
  const { time, sent, sender } = parts();
  sender.show(1);
  sender.show(2);
  sender.show(4);
  await time.pass(49);
  assert.deepEqual(sent, []);
  await time.pass(1);
  assert.deepEqual(sent, [{ page: { n: 4, even: true } }]);
  sender.show(6);
  await time.pass(50);
  assert.deepEqual(sent.slice(1), [{ 'page.n': 6 }]);
  sender.show(6);
  await time.pass(50);
  assert.equal(sent.length, 2, 'nothing changed, nothing is sent');
  assert.deepEqual(sender.shown(), { page: { n: 6, even: true } });
});

test('at rest nothing is sent and nothing waits; the next view goes out as ever', async () => {
  const { time, sent, sender } = parts();
  sender.show(1);
  sender.rest();
  assert.equal(time.waiting(), 0);
  await time.pass(1_000);
  assert.deepEqual(sent, []);
  sender.show(3);
  await time.pass(50);
  assert.deepEqual(sent, [{ page: { n: 3, even: false } }]);
});
