/** What a topic's listeners are told: a snapshot, then every change once and in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSubscriptions, type TopicMessage } from '../../miniprogram/realtime/subscriptions.ts';
import { brief, socketParts } from './support/socket-parts.ts';

test('changes come once and in order: repeated ones are dropped, a hole is asked for and filled', async () => {
  const { hear, ready, answer, event, sent, time } = socketParts();
  const { heard } = hear('task:1');
  await ready();
  event('task:1', 3);
  answer('task:1', 5, { snapshot: 5 });
  event('task:1', 5);
  event('task:1', 6);
  event('task:1', 6);
  event('task:1', 9);
  event('task:1', 10);
  await time.pass(0);
  event('task:1', 11);
  await time.pass(0);
  assert.equal(sent('subscribe').length, 2, 'asked once');
  assert.deepEqual(sent('subscribe')[1]?.topics, [{ topic: 'task:1', after: { epoch: 'e', seq: 6 } }]);
  answer('task:1', 11);
  for (const seq of [7, 8, 9, 10, 11]) event('task:1', seq);
  assert.deepEqual(brief(heard), [
    'snapshot 5',
    'event 6',
    'event 7',
    'event 8',
    'event 9',
    'event 10',
    'event 11',
  ]);
});

test('the events of a replay may come before its answer too', async () => {
  const { hear, ready, answer, event, time } = socketParts();
  const { heard } = hear('task:1');
  await ready();
  answer('task:1', 1, { snapshot: 1 });
  event('task:1', 3);
  await time.pass(0);
  event('task:1', 2);
  event('task:1', 3);
  answer('task:1', 3);
  event('task:1', 4);
  assert.deepEqual(brief(heard), ['snapshot 1', 'event 2', 'event 3', 'event 4']);
});

test('a reset replaces all, also with a lower seq', async () => {
  const { hear, ready, answer, event } = socketParts();
  const { heard } = hear('task:1');
  await ready();
  answer('task:1', 50, { snapshot: 50 });
  answer('task:1', 3, { type: 'reset', epoch: 'e2', snapshot: 3 });
  event('task:1', 4);
  assert.deepEqual(brief(heard), ['snapshot 50', 'reset 3', 'event 4']);
});

test('best-effort frames pass without a seq, once there is a snapshot', async () => {
  const { hear, ready, answer, last } = socketParts();
  const { heard } = hear('run:1');
  await ready();
  const progress = { type: 'run.progress', topic: 'run:1', payload: { progress: 3 }, timestamp: 0 };
  last().receive(progress);
  answer('run:1', 1, { snapshot: 1 });
  last().receive(progress);
  last().receive({ ...progress, topic: 'run:2' });
  assert.deepEqual(brief(heard), ['snapshot 1', 'live run.progress']);
});

test('a second listener gets a snapshot of its own and shares the changes; the topic ends with the last one', async () => {
  const { hear, ready, answer, event, sent, time } = socketParts();
  const first = hear('task:1');
  await ready();
  answer('task:1', 1, { snapshot: 1 });
  const second = hear('task:1');
  await time.pass(0);
  const third = hear('task:1');
  await time.pass(0);
  assert.deepEqual(sent('subscribe')[1]?.topics, [{ topic: 'task:1', after: null }]);
  event('task:1', 2);
  answer('task:1', 2, { snapshot: 2 });
  event('task:1', 3);
  assert.equal(sent('subscribe').length, 2, 'one snapshot for both');
  assert.deepEqual(brief(second.heard), ['reset 2', 'event 3']);
  assert.deepEqual(brief(third.heard), brief(second.heard));
  assert.deepEqual(brief(first.heard), ['snapshot 1', 'reset 2', 'event 3']);
  first.stop();
  event('task:1', 4);
  second.stop();
  assert.equal(sent('unsubscribe').length, 0);
  third.stop();
  assert.equal(sent('unsubscribe').length, 1);
  assert.equal(first.heard.length, 3);
  assert.equal(second.heard.length, 3);
});

test('a topic that is not there, or no longer open to me, is gone for good', async () => {
  const { hear, ready, last, wx, sent, event } = socketParts();
  const none = hear('task:none');
  const lost = hear('task:lost');
  const kept = hear('task:kept');
  await ready();
  last().receive({
    type: 'error',
    payload: { id: '1', topic: 'task:none', code: 'TASK_NOT_FOUND', message: '' },
    timestamp: 0,
  });
  last().receive({
    type: 'unsubscribed',
    payload: { topic: 'task:lost', code: 'ACCESS_DENIED' },
    timestamp: 0,
  });
  last().receive({ type: 'unsubscribed', payload: { topic: 'task:kept' }, timestamp: 0 });
  event('task:none', 1);
  assert.deepEqual(brief(none.heard), ['gone TASK_NOT_FOUND']);
  assert.deepEqual(brief(lost.heard), ['gone ACCESS_DENIED']);
  assert.deepEqual(kept.heard, []);
  wx.hide();
  wx.show();
  await ready();
  assert.deepEqual(sent('subscribe')[0]?.topics, [{ topic: 'task:kept', after: null }]);
});

test('what the server could not answer now is asked again, with growing waits', async () => {
  const { hear, ready, last, sent, time, answer } = socketParts(() => 0.999999);
  const { heard } = hear('task:1');
  await ready();
  const away = { id: '1', topic: 'task:1', code: 'STORE_UNAVAILABLE', message: '' };
  last().receive({ type: 'error', payload: away, timestamp: 0 });
  await time.pass(998);
  assert.equal(sent('subscribe').length, 1);
  await time.pass(1);
  assert.equal(sent('subscribe').length, 2);
  last().receive({ type: 'error', payload: { id: '2', code: 'BODY_INVALID', message: '' }, timestamp: 0 });
  await time.pass(1_998);
  assert.equal(sent('subscribe').length, 2);
  await time.pass(1);
  assert.equal(sent('subscribe').length, 3);
  answer('task:1', 1, { snapshot: 1 });
  assert.deepEqual(brief(heard), ['snapshot 1']);
});

test('frames without sense are ignored', () => {
  const subscriptions = createSubscriptions();
  const heard: TopicMessage[] = [];
  subscriptions.add('tasks', (message) => heard.push(message));
  const frames: { type: string; payload?: unknown; topic?: string; seq?: number }[] = [
    { type: 'subscribed', payload: null },
    { type: 'subscribed', payload: { topic: 'tasks', epoch: 1, seq: 'x', snapshot: {} } },
    { type: 'reset', payload: { topic: 'other', epoch: 'e', seq: 1, snapshot: {} } },
    { type: 'error', payload: {} },
    { type: 'unsubscribed', payload: undefined },
    { type: 'run.started', payload: {} },
    { type: 'something.new', payload: {}, topic: 'tasks', seq: 1 },
  ];
  for (const frame of frames) {
    assert.equal(subscriptions.receive({ payload: null, ...frame, timestamp: 0 }), 'nothing', frame.type);
  }
  assert.deepEqual(heard, []);
});

test('one listener that throws does not keep the others from hearing', (t) => {
  const errors = t.mock.method(console, 'error', () => undefined);
  const subscriptions = createSubscriptions();
  const heard: TopicMessage[] = [];
  subscriptions.add('tasks', () => {
    throw new Error('broken page');
  });
  subscriptions.add('tasks', (message) => heard.push(message));
  const payload = { id: '1', topic: 'tasks', epoch: 'e', seq: 1, snapshot: 1 };
  subscriptions.receive({ type: 'subscribed', payload, timestamp: 0 });
  assert.deepEqual(brief(heard), ['snapshot 1']);
  assert.equal(errors.mock.callCount(), 1);
});

test('whatever is lost, repeated or disordered on the way, each change is told once and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 60 }), (arrivals) => {
      const subscriptions = createSubscriptions();
      const heard: TopicMessage[] = [];
      subscriptions.add('t', (message) => heard.push(message));
      subscriptions.takeDue('0', 200);
      const answered = { id: '0', topic: 't', epoch: 'e', seq: 0, snapshot: 0 };
      subscriptions.receive({ type: 'subscribed', payload: answered, timestamp: 0 });
      for (const seq of arrivals) {
        const reaction = subscriptions.receive({ type: 'x', topic: 't', seq, payload: {}, timestamp: 0 });
        if (reaction !== 'ask') continue;
        const [asked] = subscriptions.takeDue('n', 200);
        const from = asked?.after?.seq ?? Number.NaN;
        subscriptions.receive({
          type: 'subscribed',
          payload: { ...answered, id: 'n', seq, snapshot: undefined },
          timestamp: 0,
        });
        for (let missed = from + 1; missed <= seq; missed++) {
          subscriptions.receive({ type: 'x', topic: 't', seq: missed, payload: {}, timestamp: 0 });
        }
      }
      const most = Math.max(0, ...arrivals);
      assert.deepEqual(brief(heard), [
        'snapshot 0',
        ...Array.from({ length: most }, (_, i) => `event ${i + 1}`),
      ]);
    }),
  );
});
