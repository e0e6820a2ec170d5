/** What a move reads out and puts in: server/store/transfer.ts, read once more. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyDocuments } from '../../../server/move/copy-documents.ts';
import { copyOwner } from '../../../server/move/copy-owner.ts';
import { emptyTally } from '../../../server/move/tally.ts';
import type { Store } from '../../../server/store/store.ts';
import type { Bench } from './bench.ts';
import {
  askedRun,
  catchUp,
  claimRequest,
  fireSlot,
  ownerIn,
  policy,
  segment,
  skip,
  taskChange,
} from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';
import { readWhole } from './transfer-random.ts';

export function transferContract(harness: StoreHarness): void {
  /** Another store of the kind, for the time of `use`. */
  async function elsewhere(use: (target: Store, reopen: () => Promise<Store>) => Promise<void>) {
    const target = await harness.open();
    try {
      await use(target.store, () => target.reopen());
    } finally {
      await target.close();
    }
  }
  const copy = (bench: Bench, target: Store) =>
    copyOwner({ source: bench.store, target }, bench.ownerId, emptyTally());

  describe('moving', () => {
    it(
      'keeps version, segments, episode, closing, failures, a paused state and whether it is due',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 1, fingerprint: 'a: b/ü 1' });
        const paused = await bench.task();
        const episode = { startedAt: bench.slot(9), runFromAt: bench.slot(0) };
        await bench.fire(
          task.id,
          [catchUp(bench.slot(0)), fireSlot(bench.slot(1)), skip(bench.slot(2), 'coalesced', 3)],
          { episode },
        );
        const renamed = await bench.store.changeTask(taskChange(await bench.read(task.id)));
        assert.equal(renamed.code, 'changed');
        const run = await bench.claimOne();
        await bench.finish(run, 'failed', { error: { code: 'HANDLER_FAILED', message: 'tab\tline\n"é' } });
        const now = await bench.read(paused.id);
        const answer = await bench.store.changeTask(
          taskChange(now, {
            cursorAt: now.cursorAt,
            state: 'paused',
            skips: [skip(bench.slot(0), 'paused', 2)],
            nextCursorAt: bench.slot(1),
            closeAt: bench.slot(1) + 1,
            open: segment(bench.slot(1) + 1, { schedule: null, maxSlots: 7, calendarData: '2026-1' }),
          }),
        );
        assert.equal(answer.code, 'changed');
        const before = await bench.read(task.id);
        assert.deepEqual([before.version, before.failures, before.closing?.reason], [2, 1, 'paused']);

        await elsewhere(async (target, reopen) => {
          await copy(bench, target);
          for (const open of [async () => target, reopen]) {
            const store = await open();
            for (const { id } of [task, paused])
              assert.deepEqual(await readWhole(store, id), await readWhole(bench.store, id));
            const listed = async (from: Store) => (await from.listTasks(bench.ownerId)).map(({ id }) => id);
            assert.deepEqual(await listed(store), await listed(bench.store), 'in the same order');
            const due = await store.loadDue(bench.partition, Number.MAX_SAFE_INTEGER, 10);
            assert.deepEqual(
              due.map(({ id }) => id),
              [task.id],
            );
          }
        });
      }),
    );

    it(
      'keeps who is next: by priority, then by the time of becoming ready; what was running is taken back with its fence passed',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const other = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))], { policy: policy('allow_all') });
        const retried = await bench.claimOne();
        await bench.fire(task.id, [fireSlot(bench.slot(1))]);
        await bench.fire(other.id, [fireSlot(bench.slot(0))]);
        // Becomes ready again last, although it is the oldest.
        await bench.until((await bench.store.time()) + 2);
        await bench.finish(retried, 'released');
        const urgent = askedRun(task.id, 'manual', null, { policy: policy('allow_all', { priority: 5 }) });
        await bench.ask(urgent);
        await elsewhere(async (target, reopen) => {
          await copy(bench, target);
          const ready = [
            urgent.id,
            `${task.id}:${bench.slot(1)}`,
            `${other.id}:${bench.slot(0)}`,
            retried.runId,
          ];
          const listed = async (store: Store) =>
            (await store.listRuns({ ownerId: bench.ownerId }, { limit: 10 })).items.map(({ id }) => id);
          assert.deepEqual(
            await listed(target),
            await listed(bench.store),
            'one list of the owner, in order',
          );
          const first = await target.claimRuns(bench.partition, claimRequest(2));
          assert.deepEqual(
            first.map(({ runId }) => runId),
            ready.slice(0, 2),
          );
          const store = await reopen();
          const rest = await store.claimRuns(bench.partition, claimRequest(10));
          assert.deepEqual(
            rest.map(({ runId }) => runId),
            ready.slice(2),
          );
          const again = rest.find(({ runId }) => runId === retried.runId);
          assert.ok(again !== undefined && again.fence > retried.fence && again.attempt === 2);
        });
      }),
    );

    it(
      'takes logs along, and lets a waiting retry wait until its instant',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const [waiting, running] = await bench.claim(2);
        assert.ok(waiting !== undefined && running !== undefined);
        const line = { at: 1, attempt: 1, level: 'warn' as const, text: 'a "b"\n\t汉字 🙂' };
        assert.ok(await bench.store.appendRunLog(running.runId, running, [line, { ...line, at: 2 }], 40));
        await bench.finish(waiting, 'retry', { retryInMs: 60 });
        await elsewhere(async (target) => {
          await copy(bench, target);
          assert.deepEqual(await target.listRunLog(running.runId), [line, { ...line, at: 2 }]);
          const { retryAt } = await bench.run(waiting.runId);
          const moved = await target.getRun(waiting.runId);
          assert.deepEqual([moved?.state, moved?.retryAt], ['retry_wait', retryAt]);
          const answer = await target.recoverRuns(bench.partition, { limit: 10, countLosses: true });
          assert.deepEqual(
            answer.lost.map(({ runId, state }) => [runId, state]),
            [[running.runId, 'queued']],
          );
          const [lost] = await target.exportRuns([running.runId]);
          assert.deepEqual([lost?.losses, lost?.run.attempts[0]?.outcome], [1, 'lost']);
          const late = await target.finishRuns(bench.partition, [
            {
              ...running,
              outcome: 'succeeded',
              attemptOutcome: 'succeeded',
              retryInMs: 0,
              error: null,
              result: 1,
              endTask: false,
            },
          ]);
          assert.equal(late.finished[0]?.code, 'refused', 'a finish from the old world');
        });
      }),
    );

    it(
      'goes on from the cursor: the next slot fires once, an earlier one is known',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await elsewhere(async (target) => {
          await copy(bench, target);
          const fire = (cursorAt: number, k: number) => ({
            taskId: task.id,
            version: 1,
            cursorAt,
            decisions: [fireSlot(bench.slot(k))],
            nextCursorAt: bench.slot(k),
            nextAt: bench.slot(k + 1),
            episode: null,
            ends: false,
            policy: policy(),
          });
          const step = async (cursorAt: number, k: number) =>
            (await target.fireSlots(bench.partition, [fire(cursorAt, k)])).fires[0]?.code;
          assert.equal(await step(bench.slot(0) - 1, 0), 'already_fired');
          assert.equal(await step(bench.slot(0), 1), 'fired');
          assert.equal(await step(bench.slot(0), 1), 'already_fired');
          const all = { limit: 10, oldestFirst: true };
          const verdicts = await target.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, all);
          assert.deepEqual(
            verdicts.map(({ plannedAt }) => plannedAt),
            [bench.slot(0), bench.slot(1)],
          );
        });
      }),
    );

    it(
      'takes every verdict along, in pages, and the folded days alone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        for (let k = 0; k < 2_200; k += 200) {
          const decisions = Array.from({ length: 200 }, (_, n) =>
            n % 3 === 0
              ? skip(bench.slot(k + n), n % 2 === 0 ? 'overlap' : 'paused', 1, `2026031${n % 5}`)
              : catchUp(bench.slot(k + n), `2026031${n % 5}`),
          );
          await bench.fire(task.id, decisions);
        }
        await bench.store.pruneTask(task.id, {
          foldAt: bench.slot(500),
          keepDay: '20260312',
          segmentsBeforeAt: 0,
          runsBeforeAt: 0,
        });
        await elsewhere(async (target) => {
          await copy(bench, target);
          await copy(bench, target);
          assert.deepEqual(await target.countVerdicts(task.id), await bench.store.countVerdicts(task.id));
          const read = (store: Store) =>
            store.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, { limit: 5_000 });
          assert.deepEqual(await read(target), await read(bench.store));
          assert.deepEqual(await target.listDays(task.id, ''), await bench.store.listDays(task.id, ''));
          assert.equal((await target.getTask(task.id))?.waiting, 1_462);
        });
      }),
    );

    it(
      'takes documents of all owners along, with version and expiry, but not what has expired',
      onFreshStore(harness, async (bench) => {
        const { store, partition } = bench;
        const strange = ownerIn(partition, (random) => `é:|% ${random}`);
        const at = await store.time();
        const expiresAt = at + 3_600_000;
        await store.putDocument(strange, 'kind:a b', 'x', [1, { y: null }], { ifVersion: 0 });
        await store.putDocument(strange, 'kind:a b', 'x', [2], { ifVersion: 1, expiresAt });
        await store.putDocument(bench.ownerId, 'sync', 'id/ü', 'é', { ifVersion: 0 });
        await store.putDocument(bench.ownerId, 'sync', 'gone', 1, { ifVersion: 0, expiresAt: at + 1 });
        for (let n = 0; n < 25; n++)
          await store.putDocument(bench.ownerId, 'many', `n${n}`, n, { ifVersion: 0 });
        await bench.until(at + 2);
        await elsewhere(async (target, reopen) => {
          for (const _ of [1, 2]) await copyDocuments({ source: store, target }, partition, emptyTally());
          const there = await reopen();
          const document = await there.getDocument(strange, 'kind:a b', 'x');
          assert.deepEqual(document, { id: 'x', version: 2, value: [2], expiresAt });
          const put = await there.putDocument(strange, 'kind:a b', 'x', 3, { ifVersion: 2 });
          assert.equal(put?.version, 3);
          const ids = (await there.listDocuments(bench.ownerId, 'sync', { limit: 9 })).map(({ id }) => id);
          assert.deepEqual(ids, ['id/ü']);
          assert.equal((await there.listDocuments(bench.ownerId, 'many', { limit: 99 })).length, 25);
        });
      }),
    );

    it(
      'refuses to clear what no move writes; clears the rest to nothing, with new epochs after a start',
      onFreshStore(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1)), catchUp(bench.slot(2))]);
        await bench.store.putDocument(bench.ownerId, 'k', 'id', 1, { ifVersion: 0 });
        await assert.rejects(bench.store.clear(), /may be cleared/);
        assert.ok((await bench.store.getTask(task.id)) !== null);
        const { epoch } = await bench.store.readEvents(bench.partition, null, 1);
        const mark = { kind: 'arriving' as const, from: 'redis://a:1/0', at: 5 };
        await bench.store.writeMark(mark);
        await bench.store.clear();
        assert.deepEqual(await bench.store.readMark(), mark);
        await bench.store.writeMark(null);
        assert.equal(await bench.store.readMark(), null);
        await bench.reopen();
        assert.deepEqual(await bench.store.scanTasks(bench.partition, null, 9), []);
        assert.deepEqual(await bench.claim(), []);
        assert.deepEqual(await bench.store.listDocuments(bench.ownerId, 'k', { limit: 9 }), []);
        assert.deepEqual((await bench.store.listDocumentLists(bench.partition, null)).lists, []);
        assert.notEqual((await bench.store.readEvents(bench.partition, null, 1)).epoch, epoch);
        await bench.fire((await bench.task()).id, [fireSlot(bench.slot(0))]);
        assert.equal((await bench.claim()).length, 1);
      }),
    );

    it(
      'a mark that is over keeps nobody off',
      onFreshStore(harness, async (bench) => {
        const at = await bench.store.time();
        await bench.store.writeMark({ kind: 'leaving', to: 'file:/x', untilAt: at - 1 });
        await bench.reopen();
        assert.equal((await bench.store.readMark())?.kind, 'leaving');
        await bench.store.writeMark(null);
        await bench.reopen();
        assert.ok((await bench.store.room()).usedBytes > 0);
      }),
    );
  });
}
