import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_RUNS, withNewestRuns, withNewRun, withOlderRuns } from '../../../miniprogram/models/run-list.ts';

const list = { ids: ['c', 'b', 'a'], cursor: 'older', loaded: true };

describe('run list', () => {
  it('puts a new run in front, once, but not before the first page', () => {
    assert.deepEqual(withNewRun(list, 'd').ids, ['d', 'c', 'b', 'a']);
    assert.equal(withNewRun(list, 'b'), list);
    assert.equal(withNewRun(NO_RUNS, 'd'), NO_RUNS);
  });

  it('keeps older ids where the newest page meets them, and their cursor', () => {
    assert.deepEqual(withNewestRuns(list, ['d', 'c'], 'page'), { ...list, ids: ['d', 'c', 'b', 'a'] });
    assert.deepEqual(withNewestRuns(withNewRun(list, 'e'), ['c', 'b'], 'page').ids, ['e', 'c', 'b', 'a']);
  });

  it('begins anew where it does not, after a gap, and where the page is all', () => {
    const anew = { ids: ['z', 'y'], cursor: 'page', loaded: true };
    assert.deepEqual(withNewestRuns(list, ['z', 'y'], 'page'), anew);
    assert.deepEqual(withNewestRuns({ ...list, loaded: false }, ['d', 'c'], 'page').ids, ['d', 'c']);
    assert.deepEqual(withNewestRuns(list, ['c'], null), { ids: ['c'], cursor: null, loaded: true });
  });

  it('takes older pages without repeats', () => {
    assert.deepEqual(withOlderRuns(list, ['a', '0'], null), {
      ids: ['c', 'b', 'a', '0'],
      cursor: null,
      loaded: true,
    });
  });
});
