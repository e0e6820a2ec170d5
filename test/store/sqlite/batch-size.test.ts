/** How much of what waits goes into one transaction. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { batchSize } from '../../../server/store/sqlite/batch-size.ts';
import type { OperationName } from '../../../server/store/sqlite/operations.ts';

type Operation = [OperationName, unknown[]];
const finish = (runs: number): Operation => ['finishRuns', [0, Array.from({ length: runs }, () => ({}))]];
const claim = (limit: number): Operation => ['claimRuns', [0, { limit }]];
const read: Operation = ['getTask', ['00a']];

it('splits what moves many runs where syncs are fast', () => {
  assert.equal(batchSize([finish(25), finish(25)], 0.3), 1);
  assert.equal(batchSize([read, finish(10), claim(10), claim(10), finish(10)], 0.3), 4);
});

it('keeps together what is small, and everything where a sync is slow', () => {
  assert.equal(batchSize([finish(1), claim(1), read, finish(1)], 0.3), 4);
  assert.equal(batchSize([finish(25), finish(25), claim(50)], 5), 3);
});

it('takes at least one operation, however large, and never more than 256', () => {
  assert.equal(batchSize([finish(500)], 0.3), 1);
  assert.equal(batchSize(new Array(1_000).fill(read), 0.3), 256);
  assert.equal(batchSize(new Array(1_000).fill(finish(1)), 5), 256);
});
