/** A hub whose store and snapshots the test holds in its hands. */
import { AppError } from '../../../../server/lib/errors.ts';
import { createHub } from '../../../../server/realtime/hub.ts';
import type { TopicName } from '../../../../server/realtime/topics.ts';
import { newTaskId, partitionOfOwner, slotRunId } from '../../../../server/store/ids.ts';
import type { EventType, Snapshot } from '../../../../shared/realtime.ts';
import { logger, manualClock } from '../../../helpers/engine-harness.ts';
import { fakeLog } from './fake-log.ts';

export const partition = partitionOfOwner('anna');
export const taskId = newTaskId('anna');
export const runId = slotRunId(taskId, 1_790_000_000_000);
export const task = `task:${taskId}`;
export const run = `run:${runId}`;

/** A hub on a log in memory; what a snapshot or a check finds, and how long it takes, is the test's to say. */
export function openHub() {
  const log = fakeLog();
  /** What a snapshot or a check meets; null: all is there. */
  const meets: { failure: Error | null; wait: () => Promise<unknown>; reads: number } = {
    failure: null,
    wait: () => Promise.resolve(),
    reads: 0,
  };
  const look = async () => {
    meets.reads += 1;
    const { failure } = meets;
    await meets.wait();
    if (failure !== null) throw failure;
  };
  const hub = createHub({
    store: log.store,
    clock: manualClock(),
    logger,
    snapshots: {
      check: look,
      async read(_userId: string, { wire }: TopicName, atTurn: () => void) {
        atTurn();
        await look();
        return { seen: wire } as unknown as Snapshot;
      },
    },
  });
  const append = (topic: string, type?: EventType) => {
    log.append(partition, topic, taskId, type);
    hub.onEvents(partition);
  };
  const gone = () => {
    meets.failure = new AppError('TASK_NOT_FOUND', { zh: '没有', en: 'gone' });
  };
  /** Nothing that is waited for ends before `open`. */
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    meets.wait = () => opened;
    return open;
  };
  return { log, hub, meets, append, gone, gate };
}
