import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { harness, loaded, OFFLINE, pageOf, taskOf } from './task-list-harness.ts';

describe('task feed: faces', () => {
  it('skeleton, then content, listening to what is shown', async () => {
    const h = harness();
    h.feed.start();
    assert.equal(h.feed.state().face, 'skeleton');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20 });
    await h.list().answer(pageOf([taskOf('b', 2), taskOf('a', 1)]));
    assert.equal(h.feed.state().face, 'content');
    assert.deepEqual([...h.topics.keys()], ['tasks', 'task:b', 'task:a']);
    h.feed.stop();
    assert.equal(h.topics.size, 0);
  });

  it('empty', async () => {
    const h = await loaded([]);
    assert.equal(h.feed.state().face, 'empty');
  });

  it('error when nothing can be shown; a retry answers at once', async () => {
    const h = harness();
    h.feed.start();
    await h.list().fail(OFFLINE);
    assert.equal(h.feed.state().face, 'error');
    assert.deepEqual(h.feed.state().error, OFFLINE);
    void h.feed.refresh();
    assert.equal(h.feed.state().face, 'skeleton');
    await h.list().answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual([h.feed.state().face, h.feed.state().error], ['content', null]);
  });

  it('a failed refresh leaves the list and says why', async () => {
    const h = await loaded();
    void h.feed.refresh();
    await h.list().fail(new TypeError('broken'));
    const { face, error, list } = h.feed.state();
    assert.deepEqual([face, error, list.ids.length], ['content', { code: 'INTERNAL', message: 'broken' }, 2]);
  });
});

describe('task feed: without a network', () => {
  it('shows the list that was kept, and says since when', async () => {
    const first = await loaded();
    const h = harness(first.storage);
    h.feed.start();
    assert.deepEqual(h.feed.state().list.ids, ['b', 'a']);
    await h.list().fail(OFFLINE);
    const { face, error, keptAt } = h.feed.state();
    assert.deepEqual([face, error?.code, keptAt], ['content', 'NETWORK', 1_000_000]);
    h.pass(5_000);
    h.feed.keep();
    assert.equal(
      (first.storage.get('zd.taskList') as { at: number }).at,
      1_000_000,
      'not kept again as fresh',
    );
    void h.feed.refresh();
    await h.list().answer(pageOf([taskOf('c', 3)]));
    assert.deepEqual([h.feed.state().keptAt, h.feed.state().list.ids], [null, ['c']]);
  });

  it("never shows another user's list, nor what it does not understand", async () => {
    const { storage } = await loaded();
    const other = harness(storage, () => 'other');
    other.feed.start();
    assert.deepEqual(other.feed.state().list.ids, []);
    for (const junk of [null, 'x', 7, {}, { version: 1, userId: 'me', at: 1, tasks: 'x' }, { version: 0 }]) {
      const h = harness(new Map([['zd.taskList', junk]]));
      h.feed.start();
      assert.equal(h.feed.state().face, 'skeleton');
    }
  });
});

describe('task feed: views', () => {
  it('asks for a segment and shows what is known of it meanwhile', async () => {
    const h = await loaded([taskOf('b', 2, { state: 'paused' }), taskOf('a', 1)]);
    h.feed.choose('paused');
    assert.deepEqual(h.feed.state().list.ids, ['b']);
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, state: 'paused' });
    h.feed.choose('running');
    assert.equal(h.feed.state().face, 'skeleton');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, live: true });
    h.feed.choose('troubled');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, troubled: true });
    await h.lists[1]!.answer(pageOf([taskOf('x', 9)]));
    assert.deepEqual(h.feed.state().list.ids, [], 'the answer to a view that was left');
    assert.ok(h.topics.has('task:a'), 'a task that is not shown may enter the segment');
  });

  it('searches 300 ms after the last key', async () => {
    const h = await loaded();
    h.feed.search('a');
    h.pass(299);
    h.feed.search('ab ');
    h.pass(299);
    assert.equal(h.lists.length, 1);
    h.pass(1);
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, q: 'ab' });
    h.feed.search('ab');
    h.pass(300);
    assert.equal(h.lists.length, 2, 'the same again');
  });

  it('loads the next page once, to the end', async () => {
    const h = await loaded([taskOf('b', 2)], 'after-b');
    void h.feed.more();
    void h.feed.more();
    assert.equal(h.lists.length, 2);
    assert.equal(h.feed.state().loadingMore, true);
    assert.equal(h.list().query.cursor, 'after-b');
    await h.list().fail(OFFLINE);
    assert.deepEqual([h.feed.state().moreFailed, h.feed.state().loadingMore], [true, false]);
    void h.feed.more();
    await h.list().answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual([h.feed.state().list.ids, h.feed.state().moreFailed], [['b', 'a'], false]);
    void h.feed.more();
    assert.equal(h.lists.length, 3);
  });

  it('goes on past a page of which all is known, or the end of the list could not be reached again', async () => {
    const h = await loaded([taskOf('d', 4), taskOf('c', 3)], 'after-d');
    void h.feed.more();
    await h.list().answer(pageOf([taskOf('c', 3)], 'after-c'));
    assert.equal(h.list().query.cursor, 'after-c');
    await h.list().answer(pageOf([taskOf('b', 2)], 'after-b'));
    assert.deepEqual(h.feed.state().list.ids, ['d', 'c', 'b']);
    assert.equal(h.lists.length, 3, 'and stops there');
    assert.equal(h.feed.state().loadingMore, false);
  });

  it('a page that comes after a refresh is dropped, and the list goes on', async () => {
    const h = await loaded([taskOf('b', 2)], 'after-b');
    void h.feed.more();
    const late = h.list();
    void h.feed.refresh();
    await h.list().answer(pageOf([taskOf('c', 3)], 'after-c'));
    await late.answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual(h.feed.state().list.ids, ['c']);
    void h.feed.more();
    assert.equal(h.list().query.cursor, 'after-c');
  });
});
