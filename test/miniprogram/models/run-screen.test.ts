import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../../miniprogram/api/api-error.ts';
import { createRunScreen, type RunScreenView } from '../../../miniprogram/pages/run/run-screen.ts';
import type { TopicMessage } from '../../../miniprogram/realtime/subscriptions.ts';
import type { LogLine, Run } from '../../../shared/run.ts';
import { createFakeTime, settled } from '../support/fake-time.ts';
import { paperRun, paperTask, TASK_ID } from './support/paper.ts';

const line = (text: string): LogLine => ({ at: 1, attempt: 1, level: 'info', text });

function bench() {
  const time = createFakeTime();
  const calls: string[] = [];
  const toasts: string[] = [];
  const state = {
    run: async (): Promise<Run> => paperRun(),
    log: [line('one')],
    cancel: async (): Promise<Run> => paperRun({ state: 'cancelling' }),
    sure: true,
    stale: false,
    opened: [] as string[],
    listener: null as ((message: TopicMessage) => void) | null,
    view: null as RunScreenView | null,
  };
  const called = <T>(name: string, answer: T): T => {
    calls.push(name);
    return answer;
  };
  const screen = createRunScreen({
    runId: paperRun().id,
    api: {
      getRun: () => called('run', state.run()),
      runLogs: async () => called('log', { items: state.log }),
      getTask: async (id) => called(`task ${id}`, paperTask()),
      cancelRun: () => called('cancel', state.cancel()),
      retryRun: async () => called('retry', paperRun({ id: `${TASK_ID}:manual:new` })),
    },
    subscribe(topic, listener) {
      calls.push(`+${topic}`);
      state.listener = listener;
      return () => {
        state.listener = null;
      };
    },
    isStale: () => state.stale,
    language: () => 'zh-CN',
    t: (key) => key,
    now: time.now,
    serverNow: time.now,
    setTimer: time.setTimer,
    render: (view) => {
      state.view = view;
    },
    toast: (text) => toasts.push(text),
    confirm: async () => state.sure,
    openRun: (id) => state.opened.push(id),
  });
  const frame = (type: string, payload: object) => ({ type, payload, timestamp: 0, topic: 'run' });
  const hear = (type: string, payload: object) =>
    state.listener?.({
      kind: 'event',
      frame: { ...frame(type, { taskId: TASK_ID, at: 5_000, ...payload }), seq: 1 },
    });
  const live = (type: string, payload: object) =>
    state.listener?.({ kind: 'live', frame: frame(type, payload) });
  const count = (name: string) => calls.filter((call) => call === name).length;
  return { screen, state, time, calls, toasts, hear, live, count };
}

describe('run page, driven', () => {
  it('shows the run, its log and what its task asks for', async () => {
    const { screen, state, count } = bench();
    screen.show();
    assert.equal(state.view?.face, 'skeleton');
    await settled();
    assert.equal(state.view?.face, 'content');
    assert.equal(state.view?.page?.request?.line, 'GET https://example.com/health');
    assert.deepEqual(
      state.view?.page?.log.map(({ text }) => text),
      ['one'],
    );
    assert.equal(count(`task ${TASK_ID}`), 1);
  });

  it('takes live lines and progress, and reads run and log once when it has ended', async () => {
    const { screen, state, time, hear, live, count } = bench();
    screen.show();
    await time.pass(2_000);
    live('run.log', { lines: [line('two')] });
    live('run.progress', { progress: 40 });
    assert.deepEqual(
      state.view?.page?.log.map(({ text }) => text),
      ['one', 'two'],
    );
    assert.equal(state.view?.page?.progress, 40);
    const [runs, logs] = [count('run'), count('log')];
    state.run = async () => paperRun({ state: 'succeeded', endedAt: 5_000, result: { ok: 1 } });
    state.log = [line('one'), line('two'), line('end')];
    hear('run.finished', { state: 'succeeded' });
    hear('run.finished', { state: 'succeeded' });
    await time.pass(5_000);
    assert.deepEqual([count('run') - runs, count('log') - logs], [1, 1]);
    assert.deepEqual(
      state.view?.page?.log.map(({ text }) => text),
      ['one', 'two', 'end'],
    );
    assert.deepEqual([state.view?.page?.live, state.view?.page?.canRetry], [false, true]);
    assert.match(state.view!.page!.answer, /"ok": 1/);
  });

  it('cancels only when asked twice, and shows what it has become when it was too late', async () => {
    const { screen, state, time, toasts, count } = bench();
    screen.show();
    await time.pass(2_000);
    state.sure = false;
    await screen.cancel();
    assert.equal(count('cancel'), 0);
    state.sure = true;
    state.cancel = async () => Promise.reject(new ApiError('RUN_STATE_CONFLICT', 'ended', { status: 409 }));
    state.run = async () => paperRun({ state: 'succeeded' });
    await screen.cancel();
    await time.pass(2_000);
    assert.deepEqual(toasts, ['ended']);
    assert.equal(state.view?.page?.canRetry, true);
  });

  it('hides the button while a cancel is under way', async () => {
    const { screen, state, time } = bench();
    screen.show();
    await time.pass(2_000);
    const cancelled = screen.cancel();
    await settled();
    assert.equal(state.view?.page?.canCancel, false);
    await cancelled;
    assert.equal(state.view?.page?.badgeText, '取消中');
  });

  it('goes to the new run after a retry, tapped once', async () => {
    const { screen, state, count } = bench();
    state.run = async () => paperRun({ state: 'failed' });
    screen.show();
    await settled();
    await Promise.all([screen.retry(), screen.retry()]);
    assert.equal(count('retry'), 1);
    assert.deepEqual(state.opened, [`${TASK_ID}:manual:new`]);
  });

  it('has faces for what is gone and for what was not reached', async () => {
    const gone = bench();
    gone.state.run = async () => Promise.reject(new ApiError('RUN_NOT_FOUND', 'no', { status: 404 }));
    gone.screen.show();
    await settled();
    assert.equal(gone.state.view?.face, 'gone');
    const away = bench();
    away.state.run = async () => Promise.reject(new ApiError('NETWORK', 'no network'));
    away.screen.show();
    await settled();
    assert.deepEqual([away.state.view?.face, away.state.view?.faceText], ['error', 'no network']);
    away.state.run = async () => paperRun();
    away.screen.refresh();
    await away.time.pass(2_000);
    assert.equal(away.state.view?.face, 'content');
  });

  it('waits for nothing while hidden', async () => {
    const { screen, state, time, calls, hear } = bench();
    screen.show();
    await time.pass(2_000);
    hear('run.retry_scheduled', { retryAt: 9_000 });
    hear('run.queued', {});
    screen.hide();
    await settled();
    const before = calls.length;
    await time.pass(60_000);
    assert.deepEqual([calls.length, time.waiting(), state.listener], [before, 0, null]);
  });

  it('asks over HTTP while the socket is away', async () => {
    const { screen, state, time, count } = bench();
    screen.show();
    await time.pass(6_000);
    const before = count('run');
    screen.tick();
    await settled();
    assert.equal(count('run'), before);
    state.stale = true;
    screen.tick();
    await settled();
    assert.equal(count('run'), before + 1);
  });
});
