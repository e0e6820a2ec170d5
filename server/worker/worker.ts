/**
 * Claims ready runs, executes them and finishes them, in batches: finishes of one event-loop turn share a call, which also
 * claims the next runs (one run a call would cost 59 % of the throughput).
 */
import type { Part } from '../lib/lifecycle.ts';
import { createRepeatLog } from '../lib/repeat-log.ts';
import type { ClaimPort } from '../scheduler/fire-due.ts';
import { PARTITIONS, partitionOfId } from '../store/ids.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { ClaimRequest, Wake } from '../store/requests.ts';
import { StoreUnavailableError } from '../store/status.ts';
import { createClaimRepeats } from './claim-repeats.ts';
import { createCrew, type Ended } from './crew.ts';
import type { LeaseNews } from './heartbeat.ts';
import { createHold } from './hold.ts';
import { createPlaces } from './places.ts';
import { createReadyPartitions } from './ready-partitions.ts';
import { createReplays } from './replays.ts';
import type { WorkerDeps } from './worker-deps.ts';

export interface Worker extends Part {
  readonly claims: ClaimPort;
  onWake(wake: Wake): void;
  /** Answers of the heartbeat: leases lost, runs to cancel. */
  onRenewAnswers(answers: LeaseNews[]): void;
  /** The store lost acknowledged writes of the partition: what is made again for it is counted and told. */
  onRollback(partition: number): void;
  /** Claims what is ready in every partition once and resolves when no run is left. For tests and drains. */
  settle(): Promise<void>;
  state(): { running: number; stuck: number; places: number };
}

/** Ready runs are looked for at least this often, ms, whatever wakes were lost; in process none is. */
const POLL_EVERY_MS = { redis: 1_000, embedded: 5_000 };
/** Calls in flight per partition: one less costs 20 to 31 % of a burst, two more bring 7 %. */
const CALLS_IN_FLIGHT = 2;
const SOLO_CLAIMS_IN_FLIGHT = 4;
/** A call of 100 finishes and claims holds Redis for 1.7 ms: lateness for everybody else. */
const MOST_A_CALL = 50;
/** On the embedded store each call is a sync (0.3 ms and more): a finish that nothing waits for goes with the next fire, or
 * after this long, ms. At 500 one-shots a second that halves the syncs, and a fire rarely waits behind one. */
const FINISH_MAY_WAIT_MS = { redis: 0, embedded: 4 };
const REPEAT_AFTER_MS = 250;
const LONGEST_REPEAT_MS = 30_000;
/** Finishes are held back for fires at most this long, ms: their places are wanted too. */
const HOLD_MOST_MS = 50;

export function createWorker(deps: WorkerDeps): Worker {
  const { store, clock, leases, logger } = deps;
  const replays = createReplays(deps);
  const sayRepeated = createRepeatLog({ clock, logger });
  const places = createPlaces(deps.concurrency, deps.id, deps.leaseMs);
  const batch = Math.max(1, Math.min(MOST_A_CALL, Math.ceil(deps.concurrency / CALLS_IN_FLIGHT)));
  const crew = createCrew({
    ...deps,
    onEnded(run, end) {
      if (end !== null) {
        const partition = partitionOfId(run.runId) as number;
        const list = ended.get(partition);
        if (list === undefined) ended.set(partition, [end]);
        else list.push(end);
      }
      soon();
    },
    onReturned() {
      places.leave();
      soon();
    },
    onIgnored(stuck) {
      if (stuck * 2 >= places.total) deps.onStuck();
    },
  });
  const ready = createReadyPartitions();
  const ended = new Map<number, Ended[]>();
  /** How often the store refused an end: it goes alone then, in growing pauses, and keeps no other waiting. */
  const refusals = new WeakMap<Ended, number>();
  const inFlight = new Array<number>(PARTITIONS).fill(0);
  /** Per claim: how often something had been said to be ready when it was asked for. */
  const heardThen = new WeakMap<ClaimRequest, number>();
  const idle = new Set<() => void>();
  let soloClaims = 0;
  let calls = 0;
  let stopping = false;
  let scheduled: NodeJS.Immediate | undefined;
  let waiting: NodeJS.Timeout | undefined;
  let poll: NodeJS.Timeout | undefined;

  const later = () => {
    if (scheduled === undefined) scheduled = setImmediate(cycle);
  };
  const held = createHold(HOLD_MOST_MS, later);
  const repeats = createClaimRepeats({ store, clock, places, onAnswer: received, onGivenUp: later });

  /** For what nobody waits for: no ready run, no drain. */
  const soon = () => {
    const mayWaitMs = FINISH_MAY_WAIT_MS[store.kind];
    if (mayWaitMs === 0 || ready.size > 0 || stopping) later();
    else if (waiting === undefined) waiting = setTimeout(cycle, mayWaitMs);
  };

  /** One turn: finishes go out with claims of what their partition has ready, then free places look elsewhere. */
  function cycle(): void {
    clearImmediate(scheduled);
    clearTimeout(waiting);
    scheduled = undefined;
    waiting = undefined;
    // With every place taken the finishes are what the next runs wait for.
    for (const [partition, list] of held.isOn() && places.free() > 0 && !stopping ? [] : ended) {
      while (list.length > 0 && (inFlight[partition] as number) < CALLS_IN_FLIGHT)
        finish(partition, list.splice(0, refusals.has(list[0] as Ended) ? 1 : batch));
      if (list.length === 0) ended.delete(partition);
    }
    for (const own of [true, false]) claimReady(own);
    if (
      crew.size() === 0 &&
      ended.size === 0 &&
      calls + repeats.underWay() === 0 &&
      (ready.size === 0 || stopping)
    ) {
      for (const resolve of idle) resolve();
      idle.clear();
    }
  }

  function hear(partition: number): void {
    ready.hear(partition);
    later();
  }

  function reserve(partition: number, most: number): ClaimRequest | null {
    const request = repeats.isInDoubt(partition) ? null : places.reserve(Math.min(most, batch));
    if (request !== null) heardThen.set(request, ready.heard(partition));
    return request;
  }

  /** Where the last claim was answered in full, both calls are used before another partition is asked: a claim elsewhere
   * would take the places that its finishes claim with. */
  function claimReady(own: boolean): void {
    for (const partition of ready.inTurn()) {
      if (deps.owns(partition) !== own || repeats.isInDoubt(partition)) continue;
      while ((inFlight[partition] as number) < (ready.isFull(partition) ? CALLS_IN_FLIGHT : 1)) {
        if (places.free() === 0 || soloClaims >= SOLO_CLAIMS_IN_FLIGHT) return;
        claim(partition);
      }
    }
  }

  function call<T>(
    partition: number,
    work: Promise<T>,
    done: (answer: T) => void,
    failed: (error: unknown) => void,
  ): void {
    calls += 1;
    inFlight[partition] = (inFlight[partition] as number) + 1;
    const after = () => {
      calls -= 1;
      inFlight[partition] = (inFlight[partition] as number) - 1;
      later();
    };
    work.then(done, failed).then(after, (error: unknown) => {
      logger.error({ err: error }, 'an answer of the store could not be handled');
      after();
    });
  }

  function finish(partition: number, list: Ended[]): void {
    // The finishes of the partition whose turn it is claim as well.
    const request = partition === ready.current(deps.owns) ? reserve(partition, batch) : null;
    call(
      partition,
      store.finishRuns(
        partition,
        list.map((e) => e.finish),
        request ?? undefined,
      ),
      ({ finished, claimed }) => {
        for (const [index, { finish: asked, row }] of list.entries()) {
          leases.remove(row);
          const answer = finished[index];
          if (answer?.code === 'finished' || answer?.code === 'already_done')
            replays.ended(asked.runId, asked.fence);
          if (answer?.code === 'finished' && answer.state === 'retry_wait')
            deps.onRetryAt(partition, clock.now() + asked.retryInMs);
          if (answer?.code === 'refused')
            logger.info(
              { runId: asked.runId, fence: asked.fence },
              'a late finish was refused: another worker has the run',
            );
        }
        if (request !== null) received(partition, request, claimed);
      },
      (error) => {
        const runs = list.length;
        sayRepeated({ err: error, partition, runs }, 'a finish was not answered; it is repeated');
        if (request !== null) repeats.repeat(partition, request);
        const before = refusals.get(list[0] as Ended) ?? 0;
        if (!(error instanceof StoreUnavailableError)) for (const end of list) refusals.set(end, before + 1);
        calls += 1; // under way as long as it waits for its repeat
        const pauseMs = Math.min(LONGEST_REPEAT_MS, REPEAT_AFTER_MS * 2 ** before);
        setTimeout(() => {
          calls -= 1;
          ended.set(partition, [...list, ...(ended.get(partition) ?? [])]);
          later();
        }, pauseMs);
      },
    );
  }

  function claim(partition: number): void {
    const request = reserve(partition, batch);
    if (request === null) return;
    soloClaims += 1;
    call(
      partition,
      store.claimRuns(partition, request).finally(() => {
        soloClaims -= 1;
      }),
      (runs) => received(partition, request, runs),
      () => repeats.repeat(partition, request),
    );
  }

  function received(partition: number, request: ClaimRequest, runs: ClaimedRun[]): void {
    ready.answered(partition, runs.length, request.limit, heardThen.get(request) ?? -1);
    begin(request, runs);
  }

  function begin(request: ClaimRequest, runs: ClaimedRun[]): void {
    places.settle(request, runs.length);
    for (const run of runs) {
      replays.began(run);
      crew.begin(run);
    }
    later();
  }

  return {
    claims: {
      free: places.free,
      reserve(partition, most) {
        // A fire is about to be sent: finishes that wait go in the same transaction.
        if (waiting !== undefined) cycle();
        return reserve(partition, most);
      },
      // Says nothing of what else is ready: the step tells of what it made ready and did not hand out.
      received: begin,
      unanswered: repeats.repeat,
      ready: hear,
      holdFinishes: held.set,
    },
    onWake(wake) {
      if (wake.kind === 'cancel') crew.stop(wake.runId, 'cancel');
      if (wake.kind === 'ready') hear(wake.partition);
    },
    onRollback: replays.onRollback,
    onRenewAnswers(answers) {
      for (const { runId, code, token } of answers)
        crew.stop(runId, code === 'lost' ? 'lost' : 'cancel', token);
    },
    async settle() {
      for (let partition = 0; partition < PARTITIONS; partition += 1) ready.hear(partition);
      later();
      await new Promise<void>((resolve) => idle.add(resolve));
    },
    state: () => ({ running: crew.size(), stuck: crew.stuck(), places: places.total }),
    async start() {
      const lookEverywhere = () => {
        for (let partition = 0; partition < PARTITIONS; partition += 1) ready.hear(partition);
        later();
        poll = setTimeout(lookEverywhere, POLL_EVERY_MS[store.kind]);
        poll.unref();
      };
      lookEverywhere();
    },
    async stop() {
      clearTimeout(poll);
      stopping = true;
      places.close();
      const drained = new Promise<void>((resolve) => idle.add(resolve));
      later();
      const release = setTimeout(() => {
        logger.warn({ runs: crew.size() }, 'grace is over: running actions are told to stop and given back');
        crew.stopAll('release');
      }, deps.graceMs);
      const giveUp = new Promise<void>((resolve) => setTimeout(resolve, deps.graceMs + 5_000).unref());
      await Promise.race([drained, giveUp]);
      clearTimeout(release);
    },
  };
}
