import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  joinLines,
  MOST_LINES,
  NO_RUN,
  type RunDetail,
  type RunInput,
  reduceRun,
} from '../../../miniprogram/models/run-detail.ts';
import type { EventPayload } from '../../../shared/realtime.ts';
import type { LogLine } from '../../../shared/run.ts';
import { paperRun, TASK_ID } from './support/paper.ts';

const line = (at: number, text = 'a'): LogLine => ({ at, attempt: 1, level: 'info', text });
const event = (type: string, payload: Partial<EventPayload> = {}): RunInput => ({
  kind: 'event',
  type,
  payload: { taskId: TASK_ID, runId: 'r', at: 2_000, ...payload },
});
const after = (detail: RunDetail, ...inputs: RunInput[]): RunDetail =>
  inputs.reduce((now, input) => reduceRun(now, input).detail, detail);
const running = after(NO_RUN, { kind: 'snapshot', run: paperRun(), log: [line(1)] });

describe('run detail', () => {
  it('begins with the snapshot, its log included', () => {
    assert.equal(running.run?.state, 'running');
    assert.deepEqual(running.log, [line(1)]);
    assert.equal(running.logSettled, false);
    const ended = after(NO_RUN, { kind: 'snapshot', run: paperRun({ state: 'failed' }), log: [line(1)] });
    assert.equal(ended.logSettled, true);
  });

  it('follows every event, and reads the run again for what it does not say', () => {
    const steps: [string, Partial<EventPayload>, string][] = [
      ['run.retry_scheduled', { retryAt: 9_000 }, 'retry_wait'],
      ['run.queued', {}, 'queued'],
      ['run.started', {}, 'running'],
      ['run.lost', {}, 'queued'],
      ['run.released', {}, 'queued'],
      ['run.held', {}, 'held'],
      ['run.cancelling', {}, 'cancelling'],
    ];
    let detail = running;
    for (const [type, payload, state] of steps) {
      const reduced = reduceRun(detail, event(type, payload));
      detail = reduced.detail;
      assert.equal(detail.run?.state, state, type);
      assert.deepEqual(reduced.wants, ['run'], type);
      assert.equal(detail.run?.retryAt, payload.retryAt ?? null, type);
    }
    assert.equal(detail.run?.queuedAt, 2_000);
    assert.equal(detail.run?.startedAt, 1_003, 'the first start');
  });

  it('is read again once it has ended', () => {
    const finished = event('run.finished', { state: 'succeeded', at: 5_000 });
    const { detail, wants } = reduceRun(running, finished);
    assert.deepEqual(wants, ['run']);
    assert.equal(detail.run?.endedAt, 5_000);
    assert.deepEqual(reduceRun(detail, finished), { detail, wants: [] });
  });

  it('is not brought back to life by a late event or reading', () => {
    const ended = after(running, event('run.finished', { state: 'failed' }));
    assert.equal(after(ended, event('run.started')).run?.state, 'failed');
    assert.equal(after(ended, { kind: 'run', run: paperRun() }).run?.state, 'failed');
  });

  it('asks for the run when an event comes before any reading', () => {
    assert.deepEqual(reduceRun(NO_RUN, event('run.finished', { state: 'failed' })), {
      detail: NO_RUN,
      wants: ['run'],
    });
  });

  it('reads the log of a run that is found ended', () => {
    assert.deepEqual(reduceRun(NO_RUN, { kind: 'run', run: paperRun({ state: 'succeeded' }) }).wants, [
      'log',
    ]);
    assert.deepEqual(reduceRun(NO_RUN, { kind: 'run', run: paperRun() }).wants, []);
  });

  it('keeps live progress over a reading that has none, and drops it with a new attempt', () => {
    const told = after(running, { kind: 'progress', progress: 50 }, { kind: 'run', run: paperRun() });
    assert.equal(told.run?.progress, 50);
    assert.equal(after(told, event('run.started')).run?.progress, null);
    const ended = after(told, event('run.finished', { state: 'succeeded' }));
    assert.equal(after(ended, { kind: 'progress', progress: 99 }), ended);
  });

  it('adds live lines until the log was read after the end', () => {
    const more = after(running, { kind: 'lines', lines: [line(2)] });
    assert.deepEqual(more.log, [line(1), line(2)]);
    const ended = after(more, event('run.finished', { state: 'succeeded' }));
    const settled = after(ended, { kind: 'log', lines: [line(1), line(2), line(3)] });
    assert.equal(settled.logSettled, true);
    assert.equal(after(settled, { kind: 'lines', lines: [line(2)] }), settled, 'a frame that was under way');
    assert.deepEqual(reduceRun(settled, { kind: 'run', run: paperRun({ state: 'succeeded' }) }).wants, []);
  });

  it('keeps lines that came while the log of a running run was read', () => {
    const more = after(running, { kind: 'lines', lines: [line(2)] });
    assert.deepEqual(after(more, { kind: 'log', lines: [line(0), line(1)] }).log, [
      line(0),
      line(1),
      line(2),
    ]);
  });

  it('knows when it is gone', () => {
    assert.equal(after(running, event('task.deleted')).gone, true);
    assert.equal(after(running, { kind: 'gone' }).gone, true);
  });

  it('shows that a cancel was asked for until it has ended', () => {
    const asked = after(running, { kind: 'cancelling', on: true });
    assert.equal(asked.cancelling, true);
    assert.equal(after(asked, event('run.finished', { state: 'cancelled' })).cancelling, false);
    assert.equal(after(asked, { kind: 'cancelling', on: false }).cancelling, false);
  });

  it('ignores what it does not know', () => {
    for (const type of ['run.dreamt', 'slot.fired', '']) {
      assert.deepEqual(reduceRun(running, event(type)), { detail: running, wants: [] }, type);
    }
  });
});

describe('log lines', () => {
  it('come once where pieces of one log overlap', () => {
    const log = fc.integer({ min: 0, max: 60 }).map((n) => Array.from({ length: n }, (_, at) => line(at)));
    fc.assert(
      fc.property(log, fc.nat(60), fc.nat(60), (all, a, b) => {
        const cutAt = Math.min(Math.max(a, b), all.length);
        const from = Math.min(a, b, cutAt);
        assert.deepEqual(joinLines(all.slice(0, cutAt), all.slice(from)), all);
      }),
    );
  });

  it('are the newest when there are too many', () => {
    const all = Array.from({ length: MOST_LINES + 5 }, (_, at) => line(at));
    assert.deepEqual(joinLines([], all), all.slice(5));
  });
});
