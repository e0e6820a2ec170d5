import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MOST_FRAME_BYTES, parseFrame } from '../../../server/realtime/frames.ts';
import { FRAMES_A_SECOND, FRAMES_AT_ONCE, FrameAllowance } from '../../../server/realtime/limits.ts';
import { parseTopic } from '../../../server/realtime/topics.ts';
import { newTaskId, partitionOfOwner, slotRunId } from '../../../server/store/ids.ts';

const frame = (type: unknown, payload?: unknown) => JSON.stringify({ type, payload });
const subscribe = (topics: unknown, id: unknown = 'r') => frame('subscribe', { id, topics });

test('frames of the protocol are read; a missing `after` is none', () => {
  assert.deepEqual(parseFrame(frame('auth', { token: 't' })), { type: 'auth', payload: { token: 't' } });
  assert.deepEqual(parseFrame(frame('ping')), { type: 'ping', payload: {} });
  assert.deepEqual(parseFrame(subscribe([{ topic: 'tasks' }])), {
    type: 'subscribe',
    payload: { id: 'r', topics: [{ topic: 'tasks', after: null }] },
  });
  const after = { epoch: 'e', seq: 0 };
  assert.deepEqual(parseFrame(subscribe([{ topic: 'tasks', after }]))?.payload, {
    id: 'r',
    topics: [{ topic: 'tasks', after }],
  });
});

test('200 topics with their positions fit into one frame', () => {
  const taskId = newTaskId('u');
  const topics = Array.from({ length: 200 }, (_, n) => ({
    topic: `run:${slotRunId(taskId, 1_790_000_000_000 + n)}`,
    after: { epoch: 'e'.repeat(32), seq: Number.MAX_SAFE_INTEGER },
  }));
  const text = subscribe(topics);
  assert.ok(Buffer.byteLength(text) < MOST_FRAME_BYTES);
  assert.notEqual(parseFrame(text), null);
  assert.equal(parseFrame(subscribe([...topics, topics[0]])), null);
});

test('anything else is no frame', () => {
  const bad = [
    '',
    'null',
    '[]',
    '{}',
    '{"type":"auth"',
    frame('auth', { token: '' }),
    frame('auth', { token: 't', more: 1 }),
    frame('auth', { token: 'x'.repeat(4_097) }),
    frame('auth', null),
    frame('nothing', {}),
    frame(['auth'], { token: 't' }),
    frame('ping', null),
    subscribe([]),
    subscribe([{ topic: '' }]),
    subscribe([{ topic: 'x'.repeat(101) }]),
    subscribe([{ topic: 'tasks' }], ''),
    subscribe([{ topic: 'tasks', after: { epoch: 'e', seq: -1 } }]),
    subscribe([{ topic: 'tasks', after: { epoch: 'e', seq: 1.5 } }]),
    subscribe([{ topic: 'tasks', after: { epoch: 'e', seq: 1e300 } }]),
    subscribe([{ topic: 'tasks', after: { epoch: 'e' } }]),
    subscribe({ length: 1e9 }),
    frame('unsubscribe', { topics: [] }),
    '[['.repeat(30_000),
  ];
  for (const text of bad) assert.equal(parseFrame(text), null, text.slice(0, 100));
});

test('no input makes it throw, and what it lets through has the shape of the protocol', () => {
  const known = new Set(['auth', 'subscribe', 'unsubscribe', 'ping']);
  const near = fc.record({
    type: fc.constantFrom(...known, '__proto__', 'toString'),
    payload: fc.jsonValue(),
  });
  const text = fc.oneof(
    fc.string(),
    fc.json(),
    near.map((value) => JSON.stringify(value)),
  );
  fc.assert(
    fc.property(text, (input) => {
      const parsed = parseFrame(input);
      assert.ok(parsed === null || (known.has(parsed.type) && typeof parsed.payload === 'object'));
    }),
    { numRuns: 2_000 },
  );
});

test('topics: the list is the asker’s own, tasks and runs are named by their ids', () => {
  const taskId = newTaskId('anna');
  const runId = slotRunId(taskId, 1_790_000_000_000);
  const partition = partitionOfOwner('anna');
  assert.deepEqual(parseTopic('tasks', 'anna'), {
    kind: 'tasks',
    wire: 'tasks',
    stored: 'tasks:anna',
    id: 'anna',
    partition,
  });
  assert.deepEqual(parseTopic(`task:${taskId}`, 'ben'), {
    kind: 'task',
    wire: `task:${taskId}`,
    stored: `task:${taskId}`,
    id: taskId,
    partition,
  });
  assert.equal(parseTopic(`run:${runId}`, 'ben')?.partition, partition);
  const names = [
    ...['', 'task', 'task:', 'run:', 'tasks:ben', 'inbox', 'ops', `task:${runId}`, `run:${taskId}`],
    ...[`TASK:${taskId}`, ` task:${taskId}`, `task:${taskId}\n`, `task:ff${taskId.slice(2)}`],
    ...['task:__proto__', `run:${taskId}:`, `run:${taskId}:1e3`, `run:${taskId}:manual:x`],
  ];
  for (const name of names) assert.equal(parseTopic(name, 'anna'), null, JSON.stringify(name));
});

test('topics: no name makes it throw, and what it knows is routed to a partition that there is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((id) => `task:${id}`),
      ),
      fc.string(),
      (name, user) => {
        const topic = parseTopic(name, user);
        assert.ok(topic === null || (topic.wire === name && topic.partition >= 0 && topic.partition < 16));
      },
    ),
  );
});

test('frames: so many at once, so many a second after that, and no credit is saved beyond it', () => {
  const allowance = new FrameAllowance(1_000);
  const taken = (now: number) => {
    let count = 0;
    while (allowance.take(now)) count += 1;
    return count;
  };
  assert.equal(taken(1_000), FRAMES_AT_ONCE);
  // The refused frame was counted too: one over.
  assert.equal(taken(2_000), FRAMES_A_SECOND - 1);
  assert.equal(taken(1_000_000), FRAMES_AT_ONCE);
  assert.equal(taken(0), 0, 'a clock that goes back gives nothing');
});
