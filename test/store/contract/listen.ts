import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { LOG_BYTES_KEPT, LOG_LINES_KEPT } from '../../../server/store/limits.ts';
import type { RunLogNews, StoredLogLine } from '../../../server/store/requests.ts';
import { type Bench, poll } from './bench.ts';
import {
  askedRun,
  claimRequest,
  finishRequest,
  fireRequest,
  fireSlot,
  ownerIn,
  taskChange,
} from './build.ts';
import type { Heard, StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

/** Every step that writes events, one hint each. */
async function hearEachStep(bench: Bench, heard: Heard): Promise<void> {
  const hints = () => heard.events.filter((partition) => partition === bench.partition).length;
  const hinted = async <T>(what: string, step: () => Promise<T>): Promise<T> => {
    const seen = hints();
    const answer = await step();
    await poll(`a hint after ${what}`, async () => (hints() > seen ? true : undefined));
    assert.equal(hints(), seen + 1, `one hint after ${what}`);
    return answer;
  };
  const task = await hinted('a creation', () => bench.task());
  const fire = (k: number) =>
    fireRequest({ ...task, cursorAt: bench.slot(k) - 1 }, [fireSlot(bench.slot(k))]);
  const { fires } = await hinted('a fire', () => bench.store.fireSlots(bench.partition, [fire(0)]));
  assert.equal(fires[0]?.code, 'fired');
  const run = await hinted('a claim', () => bench.claimOne());
  await hinted('a retry', () => bench.finish(run, 'retry'));
  await hinted('a recovery', () => bench.promoteRetries(1));
  const again = await hinted('another claim', () => bench.claimOne());
  await hinted('a finish', () => bench.finish(again));
  const asked = await hinted('an ask', () => bench.ask(askedRun(task.id)));
  await hinted('a cancel', () => bench.store.cancelRun(asked.id));
  await hinted('a change', () => bench.store.changeTask(taskChange(task)));
  await hinted('a deletion', () => bench.store.deleteTask(task.id));
}

const line = (n: number, text = `行 ${n}`): StoredLogLine => ({
  at: 1_000 + n,
  attempt: 1,
  level: 'info',
  text,
});

/** The next news of a run. */
const nextNews = (heard: Heard, runId: string): Promise<RunLogNews> =>
  poll(`news of ${runId}`, async () => {
    const at = heard.runLogs.findIndex((news) => news.runId === runId);
    return at === -1 ? undefined : heard.runLogs.splice(at, 1)[0];
  });

export function listenContract(harness: StoreHarness): void {
  describe('listen', () => {
    it(
      'hears of every step that writes events, once',
      onBench(harness, async (bench) => hearEachStep(bench, await bench.listenTo(bench.partition))),
    );

    it(
      'hears once of a call that does several things',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const heard = await bench.listenTo(bench.partition);
        const hints = () => heard.events.filter((partition) => partition === bench.partition).length;
        const [before, claim] = [hints(), claimRequest()];
        const fire = fireRequest(task, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const { claimed } = await bench.store.fireSlots(bench.partition, [fire], claim);
        await poll('a hint after fire and claim', async () => (hints() > before ? true : undefined));
        assert.equal(hints(), before + 1);
        const items = claimed.map((run) => finishRequest(run));
        await bench.store.finishRuns(bench.partition, items, claimRequest());
        await poll('a hint after finish and claim', async () => (hints() > before + 1 ? true : undefined));
        assert.equal(hints(), before + 2);
      }),
    );

    it(
      'hears nothing of other partitions, nor of steps that write no events; asked again, of the new ones only',
      onFreshStore(harness, async (bench) => {
        const other = (bench.partition + 1) % PARTITIONS;
        const heard = await bench.listenTo(bench.partition);
        heard.events.length = 0;
        await bench.task({}, ownerIn(other));
        await bench.claim();
        await bench.store.putDocument(bench.ownerId, 'note', 'a', 1, { ifVersion: 0 });
        const task = await bench.task();
        // Hints come in the order of the steps: one of the others would stand before this.
        await poll('the hint', async () => (heard.events.length > 0 ? true : undefined));
        assert.deepEqual(heard.events, [bench.partition]);

        await bench.listenTo(other);
        heard.events.length = 0;
        await bench.store.deleteTask(task.id);
        await bench.task({}, ownerIn(other));
        await poll('the hint', async () => (heard.events.length > 0 ? true : undefined));
        assert.deepEqual(heard.events, [other]);
      }),
    );

    it(
      'hears progress and lines exactly as they were written',
      onBench(harness, async (bench) => {
        const heard = await bench.listenTo(bench.partition);
        const run = await bench.running();
        const { partition } = bench;
        const say = (
          lines: StoredLogLine[],
          progress: number | null,
          lease: { token: string; fence: number } = run,
        ) => bench.store.appendRunLog(run.runId, lease, lines, progress);
        const odd = line(1, '第一行 "\\\n\t🙂\u0000');
        assert.ok(await say([odd, line(2)], 33.5));
        assert.deepEqual(await nextNews(heard, run.runId), {
          partition,
          runId: run.runId,
          progress: 33.5,
          lines: [odd, line(2)],
        });
        assert.ok(await say([line(3)], null));
        assert.deepEqual(await nextNews(heard, run.runId), {
          partition,
          runId: run.runId,
          progress: null,
          lines: [line(3)],
        });
        assert.equal(await say([line(4)], 50, { ...run, fence: run.fence + 1 }), false, 'refused: not told');
        assert.ok(await say([], null), 'nothing said: not told');
        assert.ok(await say([], 0));
        assert.deepEqual(await nextNews(heard, run.runId), {
          partition,
          runId: run.runId,
          progress: 0,
          lines: [],
        });
      }),
    );

    it(
      'hears no more of a log than is kept of it',
      onBench(harness, async (bench) => {
        const heard = await bench.listenTo(bench.partition);
        const run = await bench.running();
        const many = Array.from({ length: LOG_LINES_KEPT + 5 }, (_, n) => line(n, ''));
        await bench.store.appendRunLog(run.runId, run, many, null);
        const news = await nextNews(heard, run.runId);
        assert.deepEqual(news.lines, await bench.store.listRunLog(run.runId));
        const long = Array.from({ length: 4 }, (_, n) => line(n, '长'.repeat(LOG_BYTES_KEPT / 9)));
        await bench.store.appendRunLog(run.runId, run, long, null);
        const { lines } = await nextNews(heard, run.runId);
        assert.ok(lines.length >= 2 && lines.length < 4, `${lines.length} lines`);
        assert.deepEqual(lines, (await bench.store.listRunLog(run.runId)).slice(-lines.length));
      }),
    );

    it(
      'hears no log of a partition that is not listened to',
      onFreshStore(harness, async (bench) => {
        const heard = await bench.listenTo((bench.partition + 1) % PARTITIONS);
        const run = await bench.running();
        await bench.store.appendRunLog(run.runId, run, [line(1)], 10);
        await bench.listenTo(bench.partition);
        await bench.store.appendRunLog(run.runId, run, [line(2)], 20);
        assert.equal((await nextNews(heard, run.runId)).progress, 20);
      }),
    );
  });
}
