/** The one socket of the app: there while somebody listens and the app is in front, and back by itself when it is lost. */
import type { Frame, Topic } from '../../shared/realtime';
import type { Session } from '../api/session';
import type { ServerClock } from '../lib/server-clock';
import type { SetTimer } from '../lib/timer';
import type { SocketTarget, Wx } from '../lib/wx-port';
import { reconnectDelayMs } from './backoff';
import { type Connection, openConnection } from './connection';
import { createSocketState, type SocketState } from './socket-state';
import { createSubscriptions, type TopicListener } from './subscriptions';
import { createWaits } from './waits';

export interface Socket {
  /** Listens to a topic: a snapshot first, then its changes. Answers how to stop. */
  subscribe(topic: Topic, listener: TopicListener): () => void;
  state(): SocketState;
  /** Answers how to stop. */
  onState(listener: (state: SocketState) => void): () => void;
  /** Closes for good. */
  stop(): void;
}

interface SocketDeps {
  wx: Pick<Wx, 'connectSocket' | 'onAppShow' | 'onAppHide' | 'onNetworkChange'>;
  /** Null: there is no address, and so never a socket. */
  target: SocketTarget | null;
  session: Pick<Session, 'accessToken' | 'renew' | 'expiresAt' | 'user' | 'onChange'>;
  /** Hears when frames were sent. */
  clock: Pick<ServerClock, 'heard'>;
  now: () => number;
  setTimer: SetTimer;
  random: () => number;
}

/** A token is renewed this long before it ends. */
const RENEW_MS = 60_000;
/** The server has one rate for all frames of a socket, and a page that leaves makes room for one that comes. */
const LINGER_MS = 5_000;
/** Of one frame. */
const MOST_TOPICS = 200;
const UNAUTHENTICATED = 4401;

export function createSocket({ wx, target, session, clock, now, setTimer, random }: SocketDeps): Socket {
  const subscriptions = createSubscriptions();
  const state = createSocketState(setTimer);
  let connection: Connection | null = null;
  /** Between the wish to connect and a connection, a token is fetched; a newer wish makes an older one void. */
  let attempt = 0;
  let connecting = false;
  let ready = false;
  let userId: string | null = null;
  let token = '';
  let rejectedToken: string | null = null;
  let failures = 0;
  let refusals = 0;
  let requests = 0;
  let inFront = true;
  let stopped = false;
  let signedOut = false;
  const waits = createWaits<'retry' | 'renew' | 'flush' | 'ask' | 'linger'>(setTimer);

  function possible(): boolean {
    return target !== null && inFront && !stopped && !signedOut;
  }

  /** Connects where a socket is wanted, possible and not under way. */
  function connectIfWanted(): void {
    if (!possible() || subscriptions.size() === 0) return;
    waits.cancel('linger');
    if (connection !== null || connecting || waits.has('retry')) return;
    void connect();
  }

  function connectNow(): void {
    waits.cancel('retry');
    failures = 0;
    connectIfWanted();
  }

  async function connect(): Promise<void> {
    attempt += 1;
    const mine = attempt;
    connecting = true;
    state.away();
    try {
      token = await (rejectedToken === null ? session.accessToken(RENEW_MS) : session.renew(rejectedToken));
    } catch (error) {
      if (mine !== attempt) return;
      connecting = false;
      if ((error as { code?: unknown }).code === 'SIGNED_OUT') giveUp();
      else retryLater();
      return;
    }
    if (mine !== attempt || target === null) return;
    connecting = false;
    userId = session.user()?.id ?? null;
    connection = openConnection(
      { wx, target, token, setTimer },
      { onReady, onFrame, onLost, onDated: clock.heard },
    );
  }

  function onReady(): void {
    planRenewal();
    if (ready) return;
    ready = true;
    failures = 0;
    rejectedToken = null;
    subscriptions.askAgain('all');
    flush();
    state.live();
  }

  function onFrame(frame: Frame): void {
    const reaction = subscriptions.receive(frame);
    if (reaction === 'ask') flushSoon();
    if (reaction === 'askLater') askLater();
    if (frame.type === 'subscribed' || frame.type === 'reset') refusals = 0;
  }

  function onLost(code: number | null): void {
    dropConnection();
    state.away();
    const firstRefusal = code === UNAUTHENTICATED && rejectedToken === null;
    if (code === UNAUTHENTICATED) rejectedToken = token;
    // A token may have ended while the phone slept: one try with a new one at once, then as after any loss.
    if (firstRefusal) connectIfWanted();
    else retryLater();
  }

  function retryLater(): void {
    waits.set('retry', reconnectDelayMs(failures, random), connectIfWanted);
    failures += 1;
  }

  function dropConnection(): void {
    connection = null;
    ready = false;
    waits.cancel('renew', 'flush', 'ask');
  }

  /** On purpose: what comes of the old connection is not heard, so that nothing takes it for a loss. */
  function disconnect(): void {
    attempt += 1;
    connecting = false;
    connection?.close();
    dropConnection();
    waits.cancel('retry', 'linger');
    state.closed();
  }

  function giveUp(): void {
    signedOut = true;
    disconnect();
  }

  function planRenewal(): void {
    const expiresAt = session.expiresAt();
    if (expiresAt === null) return;
    waits.set('renew', Math.max(1_000, expiresAt - now() - RENEW_MS), () => {
      renew().catch(() => waits.set('renew', reconnectDelayMs(5, random), planRenewal));
    });
  }

  async function renew(): Promise<void> {
    const mine = connection;
    const next = await session.accessToken(RENEW_MS);
    if (mine === null || mine !== connection) return;
    token = next;
    mine.send({ type: 'auth', payload: { token } });
    planRenewal();
  }

  /** In the next turn: a page subscribes to many topics in a row. */
  function flushSoon(): void {
    if (ready && !waits.has('flush')) waits.set('flush', 0, flush);
  }

  function flush(): void {
    if (connection === null || !ready) return;
    for (;;) {
      const id = String(requests + 1);
      const topics = subscriptions.takeDue(id, MOST_TOPICS);
      if (topics.length === 0) return;
      requests += 1;
      connection.send({ type: 'subscribe', payload: { id, topics } });
    }
  }

  function askLater(): void {
    if (waits.has('ask')) return;
    waits.set('ask', reconnectDelayMs(refusals, random), () => {
      subscriptions.askAgain('later');
      flush();
    });
    refusals += 1;
  }

  function onSessionChange(): void {
    const next = session.user()?.id ?? null;
    signedOut = false;
    if (userId !== null && next !== userId) {
      // Also between two connections: where topics stood is another person's.
      userId = null;
      disconnect();
      subscriptions.forgetPositions();
    }
    if (next !== null) connectNow();
  }

  const stopHearingSession = session.onChange(onSessionChange);
  wx.onAppHide(() => {
    inFront = false;
    disconnect();
  });
  wx.onAppShow(() => {
    inFront = true;
    connectNow();
  });
  wx.onNetworkChange((online) => {
    if (!online) return; // The pings will tell; a short gap may pass.
    // A change from one network to another leaves the old connection silent.
    if (ready) connection?.ping();
    else connectNow();
  });

  return {
    subscribe(topic, listener) {
      subscriptions.add(topic, listener);
      flushSoon();
      connectIfWanted();
      return () => {
        if (!subscriptions.remove(topic, listener)) return;
        if (ready) connection?.send({ type: 'unsubscribe', payload: { topics: [topic] } });
        if (subscriptions.size() === 0) waits.set('linger', LINGER_MS, disconnect);
      };
    },
    state: state.current,
    onState: state.onState,
    stop() {
      stopped = true;
      stopHearingSession();
      disconnect();
    },
  };
}
