import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReplayer } from '../../../server/realtime/replayer.ts';
import { fakeLog, turns } from './support/fake-log.ts';

const seqs = (events: { seq: number }[] | null) => events?.map(({ seq }) => seq) ?? null;

test('those who ask together share one question, from the lowest seq, and each gets its own part', async () => {
  const log = fakeLog();
  for (let n = 0; n < 5; n += 1) log.append(3, 'task:a', 'a');
  log.append(3, 'task:b', 'b');
  const replayer = createReplayer(log.store);
  const [from4, from1, stands, other] = await Promise.all([
    replayer.ask(3, 'task:a', 4),
    replayer.ask(3, 'task:a', 1),
    replayer.ask(3, 'task:a', null),
    replayer.ask(3, 'task:b', 0),
  ]);
  assert.deepEqual(log.asked, [
    {
      partition: 3,
      asks: [
        { topic: 'task:a', afterSeq: 1 },
        { topic: 'task:b', afterSeq: 0 },
      ],
    },
  ]);
  assert.deepEqual(seqs(from4.events), [5]);
  assert.deepEqual(seqs(from1.events), [2, 3, 4, 5]);
  assert.deepEqual(seqs(stands.events), []);
  assert.deepEqual(seqs(other.events), [1]);
  assert.deepEqual([from4.seq, from4.epoch, from4.position], [5, 'e1', '6']);
});

test('a question under way is not joined: its answer may be older than who asks now', async () => {
  const log = fakeLog();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  log.gate = () => opened;
  const replayer = createReplayer(log.store);
  const first = replayer.ask(0, 'task:a', null);
  await turns();
  log.append(0, 'task:a', 'a');
  const second = replayer.ask(0, 'task:a', null);
  const third = replayer.ask(0, 'task:a', 0);
  await turns();
  assert.equal(log.asked.length, 1);
  open();
  assert.equal((await first).seq, 0);
  assert.equal((await second).seq, 1);
  assert.deepEqual(seqs((await third).events), [1]);
  assert.equal(log.asked.length, 2, 'those who waited went together');
});

test('partitions do not wait for each other', async () => {
  const log = fakeLog();
  log.gate = () => (log.asked.at(-1)?.partition === 1 ? new Promise(() => {}) : Promise.resolve());
  const replayer = createReplayer(log.store);
  void replayer.ask(1, 'task:a', null);
  await turns();
  assert.equal((await replayer.ask(2, 'task:b', null)).seq, 0);
});

test('no question is larger than 200 topics, and everybody is answered', async () => {
  const log = fakeLog();
  const replayer = createReplayer(log.store);
  const answers = await Promise.all(
    Array.from({ length: 450 }, (_, n) => replayer.ask(0, `task:${n}`, null).then(({ topic }) => topic)),
  );
  assert.deepEqual(
    answers,
    Array.from({ length: 450 }, (_, n) => `task:${n}`),
  );
  assert.deepEqual(
    log.asked.map(({ asks }) => asks.length),
    [200, 200, 50],
  );
});

test('a rejection reaches all who share the question, and the next one is asked', async () => {
  const log = fakeLog();
  const replayer = createReplayer(log.store);
  log.away = true;
  const answers = await Promise.allSettled([replayer.ask(0, 'task:a', null), replayer.ask(0, 'task:b', 7)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  log.away = false;
  assert.equal((await replayer.ask(0, 'task:a', null)).seq, 0);
});

test('a seq beyond the topic, or one whose followers are gone, gets no events but null', async () => {
  const log = fakeLog();
  for (let n = 0; n < 5; n += 1) log.append(0, 'task:a', 'a');
  log.trim(0, 2);
  const replayer = createReplayer(log.store);
  assert.equal((await replayer.ask(0, 'task:a', 9)).events, null);
  assert.equal((await replayer.ask(0, 'task:a', 1)).events, null);
  assert.deepEqual(seqs((await replayer.ask(0, 'task:a', 3)).events), [4, 5]);
  assert.deepEqual(seqs((await replayer.ask(0, 'task:a', 5)).events), []);
});

test('one that lacks more than the log holds takes nothing from those that lack little', async () => {
  const log = fakeLog();
  for (let n = 0; n < 2_000; n += 1) log.append(0, 'task:a', 'a');
  log.trim(0, 50);
  const replayer = createReplayer(log.store);
  const [never, long, short, shorter, stands, wild] = await Promise.all(
    [0, 1_900, 1_951, 1_998, null, 3_000].map((afterSeq) => replayer.ask(0, 'task:a', afterSeq)),
  );
  assert.deepEqual([seqs(never?.events ?? null), seqs(long?.events ?? null)], [null, null]);
  assert.equal(short?.events?.length, 49);
  assert.deepEqual(seqs(shorter?.events ?? null), [1_999, 2_000]);
  assert.deepEqual(seqs(stands?.events ?? null), []);
  assert.equal(wild?.events, null);
  assert.deepEqual(
    log.asked.map(({ asks }) => asks),
    [0, 1_900, 1_951].map((afterSeq) => [{ topic: 'task:a', afterSeq }]),
  );
});

test('however many ask from before the log begins, the question is repeated three times at most', async () => {
  const log = fakeLog();
  for (let n = 0; n < 5_000; n += 1) log.append(0, 'task:a', 'a');
  log.trim(0, 1);
  const replayer = createReplayer(log.store);
  const answers = await Promise.all(
    Array.from({ length: 4_999 }, (_, afterSeq) => replayer.ask(0, 'task:a', afterSeq)),
  );
  assert.ok(answers.every(({ events }) => events === null));
  assert.deepEqual(
    log.asked.map(({ asks }) => asks[0]?.afterSeq),
    [0, 4_001, 4_901, 4_991],
  );
});
