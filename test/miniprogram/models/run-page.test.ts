import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_RUN } from '../../../miniprogram/models/run-detail.ts';
import { runHint } from '../../../miniprogram/models/run-hints.ts';
import { runPage } from '../../../miniprogram/models/run-page.ts';
import { runTimeline } from '../../../miniprogram/models/run-timeline.ts';
import { RUN_ERROR_CODES } from '../../../shared/errors.ts';
import type { Attempt, Run } from '../../../shared/run.ts';
import type { Task } from '../../../shared/task.ts';
import { paperRun, paperTask, TASK_ID } from './support/paper.ts';

const NOW = 100_000;
const attempt = (some: Partial<Attempt>): Attempt => ({
  n: 1,
  fence: 1,
  worker: 'w1',
  startedAt: 1_003,
  endedAt: 1_185,
  outcome: 'succeeded',
  error: null,
  ...some,
});
const page = (run: Run, task: Task | null = paperTask()) => runPage({ ...NO_RUN, run }, task, NOW, 'zh-CN')!;
const keys = (run: Run) => runTimeline(run, 1_000, NOW, 'zh-CN').map(({ key, kind }) => `${key} ${kind}`);

describe('run timeline', () => {
  it('tells attempts with the wait between them, to the end', () => {
    const attempts = [
      attempt({ outcome: 'failed', error: { code: 'HTTP_STATUS', message: 'status 500' } }),
      attempt({ n: 2, fence: 2, worker: 'w2', startedAt: 2_185, endedAt: 2_300 }),
    ];
    const run = paperRun({ state: 'succeeded', attempts, endedAt: 2_300 });
    assert.deepEqual(keys(run), [
      'planned plain',
      'start1 ontime',
      'end1 failed',
      'wait2 plain',
      'start2 plain',
      'end2 ontime',
      'ended plain',
    ]);
    const steps = runTimeline(run, 1_000, NOW, 'zh-CN');
    assert.equal(steps[1]?.note, 'w1 · 迟到 3 毫秒');
    assert.equal(steps[2]?.note, '用时 182 毫秒 · HTTP_STATUS');
    assert.equal(steps[3]?.title, '等待 1 秒后重试');
    assert.equal(steps[6]?.note, '共用时 1 秒');
  });

  it('tells when a spread slot would have been without, and nothing of it otherwise', () => {
    const [nominal, planned] = runTimeline(
      paperRun({ plannedAt: 43_000, nominalAt: 1_000 }),
      1_000,
      NOW,
      'zh-CN',
    );
    assert.deepEqual(
      [nominal?.key, nominal?.title, nominal?.note],
      ['nominal', '原定时间', '为错峰，固定晚 42 秒'],
    );
    assert.match(nominal!.time, /:01\.000$/);
    assert.match(planned!.time, /:43\.000$/);
    assert.equal(keys(paperRun())[0], 'planned plain');
  });

  it('tells what goes on now', () => {
    const open = attempt({ endedAt: null, outcome: null, startedAt: NOW - 2_500 });
    assert.deepEqual(keys(paperRun({ attempts: [open] })).slice(-1), ['end1 running']);
    assert.deepEqual(keys(paperRun({ state: 'queued', startedAt: null })), ['planned plain', 'queued plain']);
    const waiting = paperRun({
      state: 'retry_wait',
      retryAt: NOW + 8_000,
      attempts: [attempt({ outcome: 'timed_out' })],
    });
    assert.equal(runTimeline(waiting, 1_000, NOW, 'zh-CN').slice(-1)[0]?.title, '8 秒后重试');
  });

  it('tells late starts, lost workers and what was cancelled before it began', () => {
    const lost = paperRun({ lateByMs: 5_000, attempts: [attempt({ outcome: 'lost' })] });
    assert.deepEqual(keys(lost), ['planned plain', 'start1 late', 'end1 late']);
    const never = paperRun({ state: 'cancelled', queuedAt: null, startedAt: null, endedAt: 3_000 });
    assert.equal(runTimeline(never, 1_000, NOW, 'zh-CN').slice(-1)[0]?.title, '开始之前就取消了');
    assert.match(runTimeline(paperRun({ waitedMs: 4_000 }), 1_000, NOW, 'zh-CN')[0]!.note, /4 秒/);
  });
});

describe('run page', () => {
  it('is nothing before the run was read, and does without its task', () => {
    assert.equal(runPage(NO_RUN, null, NOW, 'zh-CN'), null);
    assert.equal(page(paperRun(), null).request, null);
  });

  it('offers to cancel what goes on and to repeat what has ended', () => {
    const may = (run: Run) => [page(run).canCancel, page(run).canRetry];
    assert.deepEqual(may(paperRun()), [true, false]);
    assert.deepEqual(may(paperRun({ state: 'cancelling' })), [false, false]);
    assert.deepEqual(may(paperRun({ state: 'failed' })), [false, true]);
    const asked = runPage({ ...NO_RUN, run: paperRun(), cancelling: true }, null, NOW, 'zh-CN')!;
    assert.equal(asked.canCancel, false);
  });

  it('shows request and answer, secrets masked', () => {
    const action = {
      kind: 'http',
      method: 'POST',
      url: 'https://a.example/',
      headers: { 'X-Key': 'secret' },
      body: 'secret',
    } as const;
    const shown = page(paperRun({ state: 'succeeded', result: { ok: true } }), paperTask({ action }));
    assert.equal(shown.request?.line, 'POST https://a.example/');
    assert.match(shown.request!.more, /^X-Key: \*\*\*\n/);
    assert.doesNotMatch(JSON.stringify(shown), /secret/);
    assert.equal(shown.answer, '{\n  "ok": true\n}');
    assert.equal(page(paperRun()).answerNote, '结束后显示');
    const handler = { kind: 'handler', name: 'noop', input: { waitMs: 1 } } as const;
    assert.equal(page(paperRun(), paperTask({ action: handler })).request?.line, '处理器 noop');
  });

  it('has a hint for every code', () => {
    const other = runHint('SOMETHING_ELSE', 'zh-CN');
    for (const code of [...Object.keys(RUN_ERROR_CODES), 'ACCESS_DENIED']) {
      assert.notEqual(runHint(code, 'zh-CN'), other, code);
      assert.notEqual(runHint(code, 'en'), runHint('SOMETHING_ELSE', 'en'), code);
    }
    assert.equal(runHint('constructor', 'zh-CN'), other);
    const failed = page(paperRun({ state: 'failed', error: { code: 'TIMEOUT', message: 'took too long' } }));
    assert.deepEqual(
      [failed.badge, failed.errorCode, failed.errorText],
      ['failed', 'TIMEOUT', 'took too long'],
    );
  });

  it('says which run it repeats', () => {
    assert.equal(page(paperRun({ retryOf: `${TASK_ID}:${NOW}` })).retryOfText.startsWith('重跑自 '), true);
    assert.equal(page(paperRun({ retryOf: `${TASK_ID}:manual:abc` })).retryOfText, '重跑自另一次运行');
    assert.equal(page(paperRun()).retryOf, '');
  });

  it('gives lines of one instant keys of their own', () => {
    const line = { at: 1, attempt: 1, level: 'info', text: 'x' } as const;
    const { log } = runPage({ ...NO_RUN, run: paperRun(), log: [line, line] }, null, NOW, 'zh-CN')!;
    assert.deepEqual(
      log.map(({ key }) => key),
      ['1.0', '1.1'],
    );
  });
});
