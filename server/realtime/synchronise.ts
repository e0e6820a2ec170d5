/**
 * Brings a listener up to where its topic stands: with the events it has missed while the log still has them, else with a
 * snapshot.
 *
 * A snapshot is read between two looks at the topic's seq and counts only when both are the same: then it is what the
 * topic was at that seq, as if all had been read in one step, on every store and whatever the snapshot is made of
 * (docs/decisions/0018).
 */
import type { Snapshot, TopicPosition } from '../../shared/realtime.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { StoreUnavailableError } from '../store/status.ts';
import { answerFrame, eventFrame } from './frames.ts';
import type { Replay, Replayer } from './replayer.ts';
import type { Snapshots } from './snapshots.ts';
import type { Subscription } from './subscription.ts';

/** A topic that changes under each of so many reads is sent with the seq before the last: events may then repeat what the
 * snapshot says already, which changes nothing on the phone. At 100 changes a second and 5 ms a read: 1 in 100. */
const SNAPSHOT_TRIES = 5;
/** Missed events of one topic that are sent one by one, 0.3 MB; beyond it a snapshot is less, and so large a burst would
 * make a slow reader lose its socket (MOST_UNSENT_BYTES) each time it comes back. */
const MOST_REPLAYED = 1_000;
/** Those whose read failed are read again this often. */
const RETRY_EVERY_MS = 1_000;

export interface Synchroniser {
  /** Answers a subscribe. */
  begin(subscription: Subscription, after: TopicPosition | null): void;
  /** The listener may have missed something; does nothing while a read is under way. */
  again(subscription: Subscription): void;
  /** Repeats what failed because the store was away. */
  retry(): void;
  start(): void;
  stop(): void;
}

/** It cannot be confirmed at the moment that the user may see anything: nothing is told, and it is tried again. */
const unsure = () => new StoreUnavailableError('the session cannot be confirmed');

function mustReceive({ listener }: Subscription): void {
  if (!listener.mayReceive()) throw unsure();
}

/** Who has left, or has asked anew, must not keep the others waiting. */
function mustBeThere({ ended }: Subscription): void {
  if (ended) throw new Error('nobody waits for this any more');
}

export function createSynchroniser(deps: {
  replayer: Replayer;
  snapshots: Snapshots;
  clock: Clock;
  logger: Logger;
  /** Where the log was read: the tail goes on from there. */
  onPosition: (partition: number, at: { epoch: string; position: string }) => void;
  drop: (subscription: Subscription) => void;
}): Synchroniser {
  const { replayer, snapshots, clock, logger, onPosition, drop } = deps;
  const failed = new Set<Subscription>();
  let timer: NodeJS.Timeout | undefined;

  async function ask(subscription: Subscription, afterSeq: number | null): Promise<Replay> {
    const { topic } = subscription;
    const replay = await replayer.ask(topic.partition, topic.stored, afterSeq);
    onPosition(topic.partition, replay);
    mustBeThere(subscription);
    return replay;
  }

  /** Everything after `after`, or null when the log cannot tell or tells too much. */
  async function missed(subscription: Subscription, after: TopicPosition): Promise<Replay | null> {
    const replay = await ask(subscription, after.seq);
    const { epoch, events } = replay;
    return epoch === after.epoch && events !== null && events.length <= MOST_REPLAYED ? replay : null;
  }

  async function whole(subscription: Subscription): Promise<{ at: Replay; snapshot: Snapshot }> {
    const { listener, topic } = subscription;
    let at = await ask(subscription, null);
    for (let tries = 1; ; tries += 1) {
      const snapshot = await snapshots.read(listener.userId, topic, () => mustBeThere(subscription));
      const now = await ask(subscription, null);
      if ((now.epoch === at.epoch && now.seq === at.seq) || tries === SNAPSHOT_TRIES) return { at, snapshot };
      at = now;
    }
  }

  /** `asked`: by a subscribe, which is answered whatever it finds. */
  async function bring(
    subscription: Subscription,
    after: TopicPosition | null,
    asked: boolean,
  ): Promise<void> {
    const { listener, topic, requestId: id } = subscription;
    const say = (text: string | Buffer) => {
      if (!subscription.ended) listener.send(text);
    };
    if (after !== null) {
      const replay = await missed(subscription, after);
      if (replay !== null) {
        // Behind the replay: an end before this look is found here, a later one comes by the tail.
        await snapshots.check(listener.userId, topic);
        mustReceive(subscription);
        const { epoch, seq } = after;
        if (asked) say(answerFrame('subscribed', { id, topic: topic.wire, epoch, seq }, clock.now()));
        for (const { type, payload, seq } of replay.events ?? []) {
          say(eventFrame({ type, payload, timestamp: clock.now(), topic: topic.wire, seq }));
        }
        settle(subscription, replay);
        return;
      }
    }
    const { at, snapshot } = await whole(subscription);
    mustReceive(subscription);
    const answer = { id, topic: topic.wire, epoch: at.epoch, seq: at.seq, snapshot };
    say(answerFrame(after === null ? 'subscribed' : 'reset', answer, clock.now()));
    settle(subscription, at);
  }

  /** What came meanwhile follows. */
  function settle(subscription: Subscription, { epoch, seq }: Replay): void {
    const { next, hole } = subscription.settle(epoch, seq);
    for (const { frame } of next) subscription.listener.send(frame);
    if (hole) again(subscription);
  }

  async function run(subscription: Subscription, after: TopicPosition | null, asked: boolean): Promise<void> {
    subscription.hold();
    try {
      await bring(subscription, after, asked);
    } catch (error) {
      if (subscription.ended) return;
      fail(subscription, subscription.listener.mayReceive() ? error : unsure(), asked);
    }
  }

  function fail(subscription: Subscription, error: unknown, asked: boolean): void {
    const { listener, topic, requestId: id } = subscription;
    const code =
      error instanceof AppError || error instanceof StoreUnavailableError ? error.code : 'INTERNAL';
    if (code === 'INTERNAL') logger.error({ err: error, topic: topic.wire }, 'a topic could not be read');
    if (asked) {
      drop(subscription);
      const message = error instanceof AppError ? error.message : code;
      listener.send(answerFrame('error', { id, topic: topic.wire, code, message }, clock.now()));
    } else if (error instanceof AppError && error.status === 404) {
      drop(subscription);
      listener.send(answerFrame('unsubscribed', { topic: topic.wire, code }, clock.now()));
    } else {
      failed.add(subscription);
    }
  }

  function again(subscription: Subscription): void {
    if (subscription.ended || subscription.held) return;
    void run(subscription, { epoch: subscription.epoch, seq: subscription.seq }, false);
  }

  function retry(): void {
    const subscriptions = [...failed];
    failed.clear();
    for (const subscription of subscriptions) {
      if (subscription.ended) continue;
      void run(subscription, { epoch: subscription.epoch, seq: subscription.seq }, false);
    }
  }

  return {
    begin: (subscription, after) => void run(subscription, after, true),
    again,
    retry,
    start() {
      timer ??= setInterval(retry, RETRY_EVERY_MS);
    },
    stop: () => clearInterval(timer),
  };
}
