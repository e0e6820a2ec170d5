import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from '../../../server/lib/turns.ts';

test('no more than the limit are under way, in the order asked, and one that fails gives its place on', async () => {
  const turns = createTurns(2);
  const began: number[] = [];
  const ends: ((error?: Error) => void)[] = [];
  const all = [0, 1, 2, 3].map((n) =>
    turns(() => {
      began.push(n);
      return new Promise<number>((resolve, reject) => {
        ends[n] = (error) => (error === undefined ? resolve(n) : reject(error));
      });
    }),
  );
  await Promise.resolve();
  assert.deepEqual(began, [0, 1]);
  ends[1]?.(new Error('failed'));
  await assert.rejects(all[1] as Promise<number>, /failed/);
  assert.deepEqual(began, [0, 1, 2]);
  ends[0]?.();
  assert.equal(await all[0], 0);
  assert.deepEqual(began, [0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  assert.deepEqual(await Promise.all([all[2], all[3]]), [2, 3]);
});
