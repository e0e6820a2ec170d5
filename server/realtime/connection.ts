/** One socket: who it is, what it says, and when it has said too much or too little. */
import type { RawData, WebSocket } from 'ws';
import type { ClientFrame, ServerPayloads } from '../../shared/realtime.ts';
import type { Auth, Principal } from '../auth/login.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { StoreUnavailableError } from '../store/status.ts';
import { answerFrame, MOST_TOPICS, parseFrame } from './frames.ts';
import type { Hub } from './hub.ts';
import {
  AUTH_WITHIN_MS,
  CLOSE,
  CLOSE_WITHIN_MS,
  CONFIRM_EVERY_MS,
  FrameAllowance,
  HEARTBEAT_MS,
  MOST_UNSENT_BYTES,
  MOST_WAITING_BYTES,
  SILENT_MS,
  TOPICS_PER_FRAME,
} from './limits.ts';
import { type Listener, Subscription } from './subscription.ts';
import { parseTopic } from './topics.ts';

export interface ConnectionDeps {
  hub: Hub;
  auth: Pick<Auth, 'authenticate' | 'confirm'>;
  /** The store's, by which tokens end. */
  clock: Clock;
  /** Ms that only grow, for silence and pace. */
  monotonicMs: () => number;
  logger: Logger;
  onClosed(connection: Connection): void;
}

export class Connection implements Listener {
  readonly subscriptions = new Map<string, Subscription>();
  readonly #ws: WebSocket;
  readonly #deps: ConnectionDeps;
  readonly #openedAt: number;
  readonly #allowance: FrameAllowance;
  #heardAt: number;
  #principal: Principal | null = null;
  /** The session was open at the last look. */
  #confirmed = true;
  #confirming = false;
  #confirmAt = 0;
  /** Frames behind an `auth` that is being looked at; null: none is. */
  #waiting: string[] | null = null;
  #waitingBytes = 0;
  #closing = false;

  constructor(ws: WebSocket, deps: ConnectionDeps) {
    this.#ws = ws;
    this.#deps = deps;
    this.#openedAt = this.#heardAt = deps.monotonicMs();
    this.#allowance = new FrameAllowance(this.#heardAt);
    ws.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    // `ws` answers pings itself; they cost as much as frames do.
    ws.on('ping', () => this.#pace());
    ws.on('pong', () => this.#pace());
    // A frame that is too large or not WebSocket at all: `ws` closes with the code of RFC 6455 by itself, and would wait
    // half a minute for the peer.
    ws.on('error', (error) => {
      deps.logger.debug({ err: error }, 'socket error');
      this.#end();
    });
    ws.on('close', () => {
      this.#closing = true;
      deps.hub.leave(this);
      deps.onClosed(this);
    });
  }

  get userId(): string {
    return this.#principal?.userId ?? '';
  }
  get known(): boolean {
    return this.#principal !== null;
  }

  get unsentBytes(): number {
    return this.#ws.bufferedAmount;
  }

  mayReceive(): boolean {
    return this.#confirmed;
  }

  send(frame: string | Buffer): void {
    if (this.#closing) return;
    this.#ws.send(frame, { binary: false });
    if (this.unsentBytes > MOST_UNSENT_BYTES) this.close(CLOSE.overrun, 'too slow');
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#ws.close(code, reason);
    this.#end();
  }

  /** The close is on its way. */
  #end(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#waiting = null;
    this.#deps.hub.leave(this);
    // A peer that reads nothing never sees the close either, and what is unsent would stay.
    setTimeout(() => this.#ws.terminate(), CLOSE_WITHIN_MS).unref();
  }

  /** Called about once a second. */
  look(): void {
    const { clock, monotonicMs } = this.#deps;
    const now = monotonicMs();
    if (this.#principal === null) {
      if (now - this.#openedAt > AUTH_WITHIN_MS) this.close(CLOSE.unauthenticated, 'no auth');
    } else if (now - this.#heardAt > SILENT_MS) {
      this.close(CLOSE.silent, 'silent');
    } else if (clock.now() >= this.#principal.expiresAt) {
      this.close(CLOSE.unauthenticated, 'token expired');
    } else if (now >= this.#confirmAt) {
      this.#confirmAt = now + CONFIRM_EVERY_MS;
      void this.#confirm(this.#principal);
    }
  }

  /** A session that ended, a user who left: noticed within 5 s, also when it happened on another server. */
  async #confirm(principal: Principal): Promise<void> {
    if (this.#confirming) return;
    this.#confirming = true;
    try {
      const open = await this.#deps.auth.confirm(principal);
      if (this.#principal !== principal) return;
      if (!open) {
        this.close(CLOSE.unauthenticated, 'session ended');
        return;
      }
      const missed = !this.#confirmed;
      this.#confirmed = true;
      if (missed) this.#deps.hub.catchUp(this);
    } catch {
      this.#confirmed = false;
    } finally {
      this.#confirming = false;
    }
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    this.#heardAt = this.#deps.monotonicMs();
    this.#pace();
    if (this.#closing) return;
    if (isBinary) this.#refuse('text frames only');
    else if (this.#waiting !== null) this.#keep(this.#waiting, String(data));
    else this.#onText(String(data));
  }

  #keep(waiting: string[], text: string): void {
    waiting.push(text);
    this.#waitingBytes += Buffer.byteLength(text);
    if (this.#waitingBytes > MOST_WAITING_BYTES) this.close(CLOSE.overrun, 'too much behind auth');
  }

  /** Closes a socket that sends faster than it may; `frames`: what this costs. */
  #pace(frames = 1): void {
    if (!this.#allowance.take(this.#deps.monotonicMs(), frames)) this.close(CLOSE.overrun, 'too many frames');
  }

  #onText(text: string): void {
    const frame = parseFrame(text);
    if (frame === null) this.#refuse('not a frame of this protocol');
    else if (this.#principal === null && frame.type !== 'auth') {
      this.close(CLOSE.unauthenticated, 'auth comes first');
    } else if (frame.type === 'auth') void this.#authenticate(frame.payload.token);
    else if (frame.type === 'ping') this.#answer('pong', {});
    else this.#onTopics(frame);
  }

  #onTopics(frame: Extract<ClientFrame, { type: 'subscribe' | 'unsubscribe' }>): void {
    this.#pace(Math.floor(frame.payload.topics.length / TOPICS_PER_FRAME));
    if (this.#closing) return;
    if (frame.type === 'subscribe') this.#subscribe(frame.payload);
    else this.#unsubscribe(frame.payload.topics);
  }

  async #authenticate(token: string): Promise<void> {
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      const principal = await this.#deps.auth.authenticate(token);
      if (this.#principal !== null && this.#principal.userId !== principal.userId) {
        this.close(CLOSE.unauthenticated, 'another user');
      } else {
        this.#principal = principal;
        this.#answer('ready', { userId: principal.userId, heartbeatMs: HEARTBEAT_MS });
      }
    } catch (error) {
      this.#refuseToken(error);
    } finally {
      this.#workOff();
    }
  }

  #refuseToken(error: unknown): void {
    if (error instanceof AppError && error.status === 401) {
      this.close(CLOSE.unauthenticated, 'token refused');
      return;
    }
    // A store that is away says nothing about the token: come back later.
    if (!(error instanceof StoreUnavailableError)) {
      this.#deps.logger.error({ err: error }, 'a socket could not be authenticated');
    }
    this.close(CLOSE.goingAway, 'unavailable');
  }

  /** What came behind the auth, in order; another auth among it makes the rest wait again. */
  #workOff(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const [index, text] of waiting.entries()) {
      if (this.#closing) return;
      if (this.#waiting !== null) {
        (this.#waiting as string[]).push(...waiting.slice(index));
        return;
      }
      this.#onText(text);
    }
  }

  #subscribe({ id, topics }: Extract<ClientFrame, { type: 'subscribe' }>['payload']): void {
    for (const { topic: wire, after } of topics) {
      const topic = parseTopic(wire, this.userId);
      if (topic === null) {
        this.#answer('error', { id, topic: wire, code: 'TOPIC_INVALID', message: 'no such topic' });
      } else if (this.subscriptions.size >= MOST_TOPICS && !this.subscriptions.has(wire)) {
        const message = `at most ${MOST_TOPICS} topics a socket`;
        this.#answer('error', { id, topic: wire, code: 'TOPIC_LIMIT_REACHED', message });
      } else {
        this.#deps.hub.subscribe(new Subscription(this, topic, id), after);
      }
    }
  }

  #unsubscribe(topics: string[]): void {
    for (const topic of topics) {
      this.#deps.hub.unsubscribe(this, topic);
      this.#answer('unsubscribed', { topic });
    }
  }

  #refuse(message: string): void {
    if (this.#principal === null) this.close(CLOSE.unauthenticated, 'auth comes first');
    else this.#answer('error', { code: 'FRAME_INVALID', message });
  }

  #answer<T extends keyof ServerPayloads>(type: T, payload: ServerPayloads[T]): void {
    this.send(answerFrame(type, payload, this.#deps.clock.now()));
  }
}
