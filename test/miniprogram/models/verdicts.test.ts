import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  MOST_ROWS,
  NO_VERDICTS,
  type VerdictList,
  verdictOfEvent,
  withLateness,
  withNewestPage,
  withOlderPage,
  withVerdict,
} from '../../../miniprogram/models/verdicts.ts';
import type { SlotItem } from '../../../shared/run.ts';

const fired = (plannedAt: number, lateByMs: number | null = null): SlotItem => ({
  plannedAt,
  toAt: plannedAt + 1,
  count: 1,
  verdict: 'fired',
  reason: null,
  runId: `t:${plannedAt}`,
  lateByMs,
});
const skipped = (plannedAt: number, count: number, reason: SlotItem['reason'] = 'overlap'): SlotItem => ({
  plannedAt,
  toAt: plannedAt + (count - 1) * 10 + 1,
  count,
  verdict: 'skipped',
  reason,
  runId: null,
  lateByMs: null,
});
const times = (list: VerdictList) => list.items.map(({ plannedAt }) => plannedAt);
const listOf = (items: SlotItem[], complete = false): VerdictList => ({ items, complete, loaded: true });

describe('verdict list', () => {
  it('puts a new verdict in front and a repeat nowhere', () => {
    const list = withVerdict(listOf([fired(20), fired(10)]), fired(30));
    assert.deepEqual(times(list), [30, 20, 10]);
    assert.equal(withVerdict(list, fired(30)), list);
    assert.equal(withVerdict(list, fired(20)), list);
  });

  it('puts a verdict that comes late into its place', () => {
    assert.deepEqual(times(withVerdict(listOf([fired(30), fired(10)]), fired(20))), [30, 20, 10]);
  });

  it('leaves what is older than its rows to the pages, unless it has all there is', () => {
    assert.deepEqual(times(withVerdict(listOf([fired(30)]), fired(10))), [30]);
    assert.deepEqual(times(withVerdict(listOf([fired(30)], true), fired(10))), [30, 10]);
  });

  it('makes the newest skipped range longer, for the same reason only', () => {
    const list = listOf([skipped(20, 2), fired(10)]);
    const longer = withVerdict(list, skipped(40, 1));
    assert.deepEqual(longer.items[0], skipped(20, 3));
    assert.equal(withVerdict(longer, skipped(40, 1)), longer, 'a repeat of the skip');
    assert.deepEqual(times(withVerdict(list, skipped(40, 1, 'paused'))), [40, 20, 10]);
  });

  it('never lets a page take back what an event said meanwhile', () => {
    const list = listOf([fired(50), { ...skipped(20, 3) }, fired(10, 7)]);
    const read = withNewestPage(list, [skipped(20, 2), fired(10)], true);
    assert.deepEqual(read.items, [fired(50), skipped(20, 3), fired(10, 7)]);
  });

  it('drops old rows when a page does not reach down to them', () => {
    const list = listOf([fired(20), fired(10)]);
    const read = withNewestPage(list, [fired(90), fired(80)], true);
    assert.deepEqual(times(read), [90, 80]);
    assert.equal(read.complete, false);
  });

  it('drops old rows after a gap even where an event row matches', () => {
    const list = { ...listOf([fired(90), fired(20)], true), loaded: false };
    const read = withNewestPage(list, [fired(90)], true);
    assert.deepEqual(times(read), [90]);
    assert.equal(read.complete, false);
  });

  it('keeps older rows and their end when the page meets them', () => {
    const read = withNewestPage(listOf([fired(20), fired(10)], true), [fired(30), fired(20)], true);
    assert.deepEqual(times(read), [30, 20, 10]);
    assert.equal(read.complete, true);
  });

  it('is complete when the newest page is the last one', () => {
    const read = withNewestPage(NO_VERDICTS, [], false);
    assert.deepEqual(read, { items: [], complete: true, loaded: true });
  });

  it('takes older pages without repeats', () => {
    const read = withOlderPage(listOf([fired(30), fired(20)]), [fired(20), fired(10)], false);
    assert.deepEqual(times(read), [30, 20, 10]);
    assert.equal(read.complete, true);
  });

  it('keeps a bounded number of rows, and says that more is to be had', () => {
    const many = Array.from({ length: MOST_ROWS }, (_, i) => fired((MOST_ROWS - i) * 10));
    const list = withVerdict(listOf(many, true), fired((MOST_ROWS + 1) * 10));
    assert.equal(list.items.length, MOST_ROWS);
    assert.equal(list.complete, false);
    assert.equal(times(list)[0], (MOST_ROWS + 1) * 10);
  });

  it('notes the lateness of a run that started', () => {
    const list = withLateness(listOf([fired(20), fired(10)]), 't:10', 4);
    assert.deepEqual(
      list.items.map(({ lateByMs }) => lateByMs),
      [null, 4],
    );
    assert.equal(withLateness(list, 't:99', 4), list);
  });

  it('reads slot events, and refuses those that lack a field', () => {
    const at = { taskId: 't', at: 1 };
    assert.deepEqual(verdictOfEvent('slot.fired', { ...at, plannedAt: 10, runId: 't:10' }), fired(10));
    assert.equal(
      verdictOfEvent('slot.caught_up', { ...at, plannedAt: 10, runId: 'x' })?.verdict,
      'caught_up',
    );
    const skip = { ...at, plannedAt: 10, toAt: 21, count: 2, reason: 'overlap' };
    assert.deepEqual(verdictOfEvent('slot.skipped', skip), skipped(10, 2));
    assert.equal(verdictOfEvent('slot.skipped', { ...skip, count: undefined }), null);
    assert.equal(verdictOfEvent('slot.fired', { ...at, plannedAt: 10 }), null);
    assert.equal(verdictOfEvent('slot.fired', { ...at, runId: 'x' }), null);
  });

  it('is always the newest verdicts of the server without a hole, whatever comes when', () => {
    const PAGE = 3;
    const step = fc.oneof(
      fc.constant('fire' as const),
      fc.constant('fire unheard' as const),
      fc.constant('ask newest' as const),
      fc.constant('answer newest' as const),
      fc.constant('older' as const),
      fc.constant('repeat' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let server: SlotItem[] = [];
        let asked: SlotItem[] | null = null;
        let list = NO_VERDICTS;
        for (const what of steps) {
          if (what === 'fire' || what === 'fire unheard') {
            server = [fired((server.length + 1) * 10), ...server];
            // What is heard counts at once, also while the first page is on its way.
            if (what === 'fire') list = withVerdict(list, server[0]!);
            // A gap in what was heard is always told by a reset, and what was asked before it is asked again.
            else list = { ...list, loaded: false };
            if (what === 'fire unheard') asked = null;
          } else if (what === 'ask newest') asked = server;
          else if (what === 'answer newest' && asked !== null) {
            list = withNewestPage(list, asked.slice(0, PAGE), asked.length > PAGE);
            asked = null;
          } else if (what === 'older' && list.items.length > 0) {
            const older = server.filter(({ plannedAt }) => plannedAt < list.items.at(-1)!.plannedAt);
            list = withOlderPage({ ...list }, older.slice(0, PAGE), older.length > PAGE);
          } else if (what === 'repeat' && list.loaded && server[0] !== undefined) {
            list = withVerdict(list, server[0]);
          }
          const shown = times(list);
          assert.deepEqual(
            shown,
            [...new Set(shown)].sort((a, b) => b - a),
          );
        }
        list = withNewestPage(list, server.slice(0, PAGE), server.length > PAGE);
        assert.deepEqual(list.items, server.slice(0, list.items.length));
        if (list.complete) assert.equal(list.items.length, server.length);
      }),
    );
  });
});
