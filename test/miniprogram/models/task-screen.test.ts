import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ApiError } from '../../../miniprogram/api/api-error.ts';
import { createTaskScreen, type TaskScreenView } from '../../../miniprogram/pages/task/task-screen.ts';
import type { TopicMessage } from '../../../miniprogram/realtime/subscriptions.ts';
import type { PreviewAnswer } from '../../../shared/api.ts';
import type { Run, SlotItem } from '../../../shared/run.ts';
import type { Task } from '../../../shared/task.ts';
import { createFakeTime, settled } from '../support/fake-time.ts';
import { paperRun, paperTask, TASK_ID } from './support/paper.ts';

const slot = (plannedAt: number): SlotItem => ({
  plannedAt,
  toAt: plannedAt + 1,
  count: 1,
  verdict: 'fired',
  reason: null,
  runId: `${TASK_ID}:${plannedAt}`,
  lateByMs: 1,
});
const notFound = () => new ApiError('TASK_NOT_FOUND', 'no such task', { status: 404 });

function bench() {
  const time = createFakeTime();
  const calls: string[] = [];
  const toasts: string[] = [];
  const state = {
    task: async (): Promise<Task> => paperTask(),
    slots: [] as SlotItem[],
    preview: async (): Promise<PreviewAnswer> => ({ fires: [], words: 'words', warnings: [] }),
    language: 'zh-CN' as 'zh-CN' | 'en',
    pause: async (): Promise<Task> => paperTask({ state: 'paused' }),
    run: async (): Promise<Run> =>
      paperRun({ id: `${TASK_ID}:manual:a`, trigger: 'manual', state: 'queued' }),
    sure: true,
    remove: async (): Promise<void> => {},
    stale: false,
    left: 0,
    listener: null as ((message: TopicMessage) => void) | null,
    view: null as TaskScreenView | null,
  };
  const called = <T>(name: string, answer: T): T => {
    calls.push(name);
    return answer;
  };
  const screen = createTaskScreen({
    taskId: TASK_ID,
    api: {
      getTask: () => called('task', state.task()),
      taskSlots: async (_id, { limit = 20, toAt = Number.MAX_SAFE_INTEGER, fromAt = 0 } = {}) => {
        calls.push('slots');
        const all = state.slots.filter(({ plannedAt }) => plannedAt < toAt && plannedAt >= fromAt);
        return { items: all.slice(0, limit), nextCursor: all.length > limit ? 'more' : null };
      },
      taskRuns: async () => called('runs', { items: [], nextCursor: null }),
      taskStats: async () => called('stats', { days: [], punctuality: paperTask().punctuality }),
      taskAudit: async () =>
        called('audit', {
          fromAt: 0,
          toAt: 1,
          planned: 7,
          fired: 7,
          caughtUp: 0,
          skipped: {},
          unaccounted: 0,
          ok: true,
          folded: false,
        }),
      previewSchedule: () => called('fires', state.preview()),
      runTask: () => called('run', state.run()),
      pauseTask: () => called('pause', state.pause()),
      resumeTask: async () => called('resume', paperTask()),
      deleteTask: () => called('delete', state.remove()),
    },
    subscribe(topic, listener) {
      calls.push(`+${topic}`);
      state.listener = listener;
      return () => {
        calls.push(`-${topic}`);
        state.listener = null;
      };
    },
    isStale: () => state.stale,
    language: () => state.language,
    t: (key) => key,
    now: time.now,
    serverNow: time.now,
    setTimer: time.setTimer,
    render: (view) => {
      state.view = view;
    },
    toast: (text) => toasts.push(text),
    confirm: async () => state.sure,
    leave: () => {
      state.left += 1;
    },
  });
  const hear = (type: string, payload: object) =>
    state.listener?.({
      kind: 'event',
      frame: {
        type,
        payload: { taskId: TASK_ID, at: time.now(), ...payload },
        timestamp: 0,
        topic: 't',
        seq: 1,
      },
    });
  const count = (name: string) => calls.filter((call) => call === name).length;
  return { screen, state, time, calls, toasts, hear, count };
}

describe('status page, driven', () => {
  it('shows a skeleton, then what it read', async () => {
    const { screen, state, count } = bench();
    screen.show();
    assert.equal(state.view?.face, 'skeleton');
    await settled();
    assert.equal(state.view?.face, 'content');
    assert.equal(state.view?.page?.figures[3]?.value, '7');
    assert.equal(count('fires'), 1);
    assert.equal(count(`+task:${TASK_ID}`), 1);
  });

  it('offers a retry where nothing was reached, and recovers', async () => {
    const { screen, state, time } = bench();
    state.task = async () => Promise.reject(new ApiError('NETWORK', 'no network'));
    screen.show();
    await settled();
    assert.deepEqual([state.view?.face, state.view?.faceText], ['error', 'no network']);
    state.task = async () => paperTask();
    screen.refresh();
    await time.pass(3_000);
    assert.equal(state.view?.face, 'content');
  });

  it('says that there is no such task', async () => {
    const { screen, state } = bench();
    state.task = async () => Promise.reject(notFound());
    screen.show();
    await settled();
    assert.equal(state.view?.face, 'gone');
    assert.equal(state.left, 0, 'the reader decides');
  });

  it('reads once for many ends, and not more often than every three seconds', async () => {
    const { screen, time, hear, count } = bench();
    screen.show();
    await time.pass(10_000);
    const before = count('slots');
    for (let n = 0; n < 20; n += 1) hear('run.finished', { runId: `${TASK_ID}:${n}`, state: 'succeeded' });
    await time.pass(10_000);
    assert.equal(count('slots') - before, 2, 'one at once, one for what came after it began');
  });

  it('reads what is ahead again with another version, and shows nothing of another schedule', async () => {
    const { screen, state, time, count, hear } = bench();
    const plan = () => state.view?.page?.schedule;
    screen.show();
    await time.pass(5_000);
    assert.deepEqual([plan()?.words, plan()?.reading, count('fires')], ['words', 'done', 1]);
    const become = async (task: Partial<Task>) => {
      state.task = async () => paperTask(task);
      hear('task.changed', {});
      await time.pass(10_000);
    };
    state.task = async () => paperTask({ version: 2, name: 'another name' });
    screen.refresh();
    await time.pass(10_000);
    const before = count('fires');
    let answer = (_: PreviewAnswer) => {};
    state.preview = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await become({ version: 3, schedule: { kind: 'every', everyMs: 5_000 } });
    assert.ok(count('fires') > before);
    assert.deepEqual([plan()?.words, plan()?.reading], ['每 5 秒', 'loading'], 'the old words are gone');
    // Edited once more while the answer was on its way.
    const late = answer;
    await become({ version: 4, schedule: { kind: 'every', everyMs: 7_000 } });
    late({ fires: [], words: 'of five seconds', warnings: [] });
    await time.pass(10_000);
    assert.deepEqual(
      [plan()?.words, plan()?.reading],
      ['每 7 秒', 'loading'],
      'an answer for another schedule',
    );
    answer({ fires: [], words: 'of seven seconds', warnings: [] });
    await settled();
    assert.deepEqual([plan()?.words, plan()?.reading], ['of seven seconds', 'done']);
  });

  it('says why what is ahead was not read, keeps what was, and reads again on a tap', async () => {
    const { screen, state, time, count } = bench();
    const plan = () => state.view?.page?.schedule;
    const noNetwork = async () => Promise.reject(new ApiError('NETWORK', 'no network'));
    state.preview = noNetwork;
    screen.show();
    await time.pass(5_000);
    assert.equal(plan()?.reading, 'failed');
    assert.equal(state.view?.face, 'content');
    const fires = Array.from({ length: 20 }, (_, n) => ({
      plannedAt: time.now() + (n + 1) * 1_000,
      nominalAt: 0,
      local: '',
    }));
    state.preview = async () => ({ fires, words: 'kept', warnings: [] });
    screen.preview();
    await time.pass(5_000);
    assert.equal(plan()?.words, 'kept');
    state.preview = noNetwork;
    screen.preview();
    await time.pass(5_000);
    assert.deepEqual([plan()?.reading, plan()?.words, plan()?.rows.length], ['failed', 'kept', 5]);
    const asked = count('fires');
    for (let s = 0; s < 20; s += 1) {
      screen.tick();
      await time.pass(1_000);
    }
    assert.equal(count('fires'), asked, 'a failing server is not asked every second');
    state.preview = async () => ({ fires: [], words: 'back', warnings: [] });
    screen.preview();
    assert.equal(plan()?.reading, 'done', 'the tap shows at once');
    await settled();
    assert.deepEqual([plan()?.reading, plan()?.words], ['done', 'back']);
  });

  it('reads more of what is ahead when it runs short, also of a paused task and not of an ended one', async () => {
    const shortOf = async (task: Partial<Task>) => {
      const { screen, state, time, count } = bench();
      state.task = async () => paperTask(task);
      state.preview = async () => {
        const fires = Array.from({ length: 20 }, (_, n) => time.now() + (n + 1) * 1_000).map((at) => ({
          plannedAt: at,
          nominalAt: at,
          local: '',
        }));
        return { fires, words: '', warnings: [] };
      };
      screen.show();
      await settled();
      const before = count('fires');
      for (let s = 0; s < 60; s += 1) {
        screen.tick();
        await time.pass(1_000);
      }
      screen.hide();
      return count('fires') - before;
    };
    const [active, paused, ended] = [
      await shortOf({}),
      await shortOf({ state: 'paused' }),
      await shortOf({ state: 'ended' }),
    ];
    assert.ok(active >= 3 && active <= 5, `${active}`);
    assert.equal(paused, active);
    assert.equal(ended, 0);
  });

  it('shows no words of another language', async () => {
    const { screen, state, time } = bench();
    screen.show();
    await time.pass(5_000);
    screen.hide();
    state.language = 'en';
    state.preview = () => new Promise(() => {});
    screen.show();
    assert.equal(state.view?.page?.schedule.words, 'Every 30 s');
  });

  it('shows a run as asked for at once, and takes it back when it is refused', async () => {
    const { screen, state, toasts, count } = bench();
    screen.show();
    await settled();
    const asked = screen.run();
    assert.equal(state.view?.asking, true);
    assert.equal(state.view?.page?.head.badge, 'running');
    await screen.run();
    await asked;
    assert.equal(count('run'), 1, 'a second tap asks for nothing');
    state.run = async () => Promise.reject(new ApiError('RUN_LIMIT_REACHED', 'too many', { status: 409 }));
    await screen.run();
    assert.deepEqual(toasts, ['too many']);
    assert.equal(state.view?.asking, false);
  });

  it('shows a pause at once and undoes it when the server says no', async () => {
    const { screen, state, toasts } = bench();
    screen.show();
    await settled();
    state.pause = async () => Promise.reject(new ApiError('TASK_BEHIND', 'later', { status: 503 }));
    const paused = screen.pause();
    assert.equal(state.view?.page?.head.canResume, true);
    await paused;
    assert.equal(state.view?.page?.head.canPause, true);
    assert.deepEqual(toasts, ['later']);
  });

  it('asks before it deletes, and leaves once although the event comes too', async () => {
    const { screen, state, hear, count, toasts } = bench();
    screen.show();
    await settled();
    state.sure = false;
    await screen.remove();
    assert.equal(count('delete'), 0);
    state.sure = true;
    let answer = () => {};
    state.remove = () =>
      new Promise((resolve) => {
        answer = resolve;
      });
    const removed = screen.remove();
    await settled();
    hear('task.deleted', {});
    answer();
    await removed;
    assert.equal(state.left, 1);
    assert.equal(toasts.length, 1);
  });

  it('says so and leaves when somebody else deleted it', async () => {
    const { screen, state, hear, toasts } = bench();
    screen.show();
    await settled();
    hear('task.deleted', {});
    assert.deepEqual([state.left, toasts], [1, ['task.gone']]);
  });

  it('listens to nothing, reads nothing and waits for nothing while hidden', async () => {
    const { screen, state, time, calls, hear } = bench();
    screen.show();
    await time.pass(10_000);
    hear('run.finished', { runId: `${TASK_ID}:1`, state: 'succeeded' });
    hear('run.finished', { runId: `${TASK_ID}:2`, state: 'succeeded' });
    screen.hide();
    await settled();
    const before = calls.length;
    await time.pass(60_000);
    assert.equal(calls.length, before);
    assert.equal(time.waiting(), 0);
    assert.equal(state.listener, null);
  });

  it('loads older verdicts to the end, and those of one day', async () => {
    const { screen, state, time } = bench();
    state.slots = Array.from({ length: 70 }, (_, n) => slot(time.now() - n * 3_600_000));
    screen.show();
    await settled();
    const rows = () => state.view?.page?.rows.length;
    assert.deepEqual([rows(), state.view?.end], [30, 'more']);
    await screen.more();
    await screen.more();
    assert.deepEqual([rows(), state.view?.end], [70, 'end']);
    screen.chooseDay(88);
    await time.pass(5_000);
    assert.deepEqual([rows(), state.view?.end, state.view?.page?.chosenDay], [24, 'end', 88]);
    screen.chooseDay(88);
    await time.pass(5_000);
    assert.deepEqual([rows(), state.view?.page?.chosenDay], [30, -1]);
  });

  it('asks over HTTP while the socket is away', async () => {
    const { screen, state, time, count } = bench();
    screen.show();
    await time.pass(1_000);
    const before = count('task');
    screen.tick();
    await time.pass(20_000);
    assert.equal(count('task'), before, 'not while it is there');
    state.stale = true;
    screen.tick();
    screen.tick();
    await time.pass(1_000);
    assert.equal(count('task'), before + 1);
    assert.equal(state.view?.stale, true);
  });
});
