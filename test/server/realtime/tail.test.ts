import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTail } from '../../../server/realtime/tail.ts';
import { logger } from '../../helpers/engine-harness.ts';
import { fakeLog, turns } from './support/fake-log.ts';

function setUp() {
  const log = fakeLog();
  const seen: number[] = [];
  const gaps: number[] = [];
  let came = () => {};
  /** Something has come. */
  const next = new Promise<void>((resolve) => {
    came = resolve;
  });
  const tail = createTail({
    store: log.store,
    logger,
    onEvents(_partition, _epoch, events) {
      seen.push(...events.map(({ seq }) => seq));
      came();
    },
    onGap: (partition) => gaps.push(partition),
  });
  return { log, tail, seen, gaps, next, append: () => log.append(0, 'task:a', 'a') };
}

/** Gates that the test opens one by one, in the order of the reads. */
function gates(log: ReturnType<typeof fakeLog>): () => void {
  const closed: (() => void)[] = [];
  log.gate = () => new Promise((resolve) => closed.push(resolve));
  return () => closed.shift()?.();
}

test('reads from where it is told to begin, and nothing before that', async () => {
  const { log, tail, seen, append } = setUp();
  append();
  tail.add(0);
  tail.hint(0);
  await turns();
  assert.equal(log.reads, 0);
  tail.begin(0, { epoch: 'e1', position: '1' });
  append();
  await turns();
  append();
  tail.hint(0);
  await turns();
  assert.deepEqual(seen, [2, 3]);
});

test('a begin from somewhere else does not move one that has begun', async () => {
  const { tail, seen, append } = setUp();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  for (let n = 0; n < 3; n += 1) append();
  tail.begin(0, { epoch: 'e1', position: '3' });
  tail.hint(0);
  await turns();
  assert.deepEqual(seen, [1, 2, 3]);
});

test('a hint during a read is followed by another read', async () => {
  const { log, tail, seen, append } = setUp();
  const open = gates(log);
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  append();
  tail.hint(0);
  tail.hint(0);
  assert.equal(log.reads, 1, 'one at a time');
  open();
  await turns();
  assert.equal(log.reads, 2);
  open();
  await turns();
  open();
  await turns();
  assert.deepEqual(seen, [1]);
  append();
  tail.hint(0);
  open();
  await turns();
  assert.deepEqual(seen, [1, 2]);
});

test('a long log is read in pieces, in order', async () => {
  const { tail, seen, append } = setUp();
  for (let n = 0; n < 1_234; n += 1) append();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  await turns(40);
  assert.deepEqual(
    seen,
    Array.from({ length: 1_234 }, (_, index) => index + 1),
  );
});

test('a gap is said once, and nothing follows until a new beginning', async () => {
  const { log, tail, seen, gaps, append } = setUp();
  append();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '1' });
  await turns();
  log.setBack(0, 0);
  append();
  tail.hint(0);
  await turns();
  tail.hint(0);
  await turns();
  assert.deepEqual(gaps, [0]);
  assert.deepEqual(seen, []);
  tail.begin(0, { epoch: 'e2', position: '0' });
  await turns();
  assert.deepEqual(seen, [1]);
  assert.deepEqual(gaps, [0]);
});

test('a store that is away is asked again by itself, without a busy loop', async () => {
  const { log, tail, seen, next, append } = setUp();
  log.away = true;
  append();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  await turns();
  tail.hint(0);
  await turns();
  assert.equal(log.reads, 1);
  log.away = false;
  await next;
  assert.deepEqual(seen, [1]);
});

test('without any hint the log is compared every 5 s', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { tail, seen, append } = setUp();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  tail.start();
  await turns();
  append();
  await turns();
  assert.deepEqual(seen, []);
  t.mock.timers.tick(5_000);
  await turns();
  assert.deepEqual(seen, [1]);
  tail.stop();
});

test('what was read for a partition that nobody listens to any more is not delivered', async () => {
  const { log, tail, seen, append } = setUp();
  const open = gates(log);
  append();
  tail.add(0);
  tail.begin(0, { epoch: 'e1', position: '0' });
  tail.remove(0);
  tail.add(0);
  open();
  await turns();
  assert.deepEqual(seen, []);
  assert.deepEqual(log.listened, [[0], [], [0]]);
  tail.stop();
  assert.deepEqual(log.listened.at(-1), []);
});
