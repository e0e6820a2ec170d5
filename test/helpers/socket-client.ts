import { once } from 'node:events';
import WebSocket from 'ws';
import type { LoginResponse } from '../../shared/api.ts';
import type { ClientFrame, Topic, TopicPosition } from '../../shared/realtime.ts';
import { createApiClient } from './api-client.ts';

export interface SocketFrame {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into payloads of every shape
  payload: any;
  timestamp: number;
  topic?: string;
  seq?: number;
}

export interface SocketEnd {
  code: number;
  reason: string;
}

/** One socket on `GET /api/realtime`. */
export interface SocketClient {
  /** All that came, oldest first. */
  readonly frames: readonly SocketFrame[];
  /** How it ended (1006: without a close frame); rejects when that takes too long from the asking. */
  readonly closed: Promise<SocketEnd>;
  send(frame: ClientFrame): void;
  /** What is no frame of the protocol. */
  sendRaw(data: string | Buffer): void;
  /** The first frame, past or to come, that the predicate holds for; rejects after `timeoutMs`, or when the socket ends before,
   * with what came instead. */
  next(what: string, is: (frame: SocketFrame) => boolean, timeoutMs?: number): Promise<SocketFrame>;
  /** Authenticates and waits for `ready`. */
  auth(token: string): Promise<SocketFrame>;
  /** Subscribes and waits for what answers this topic (`subscribed`, `reset` or `error`). */
  subscribe(topic: Topic, after?: TopicPosition | null): Promise<SocketFrame>;
  /** Sequenced events of a topic so far. */
  events(topic: Topic): SocketFrame[];
  /** Reads nothing more from the network, as a phone in a tunnel. */
  stopReading(): void;
  /** Ends as sockets should. */
  close(): Promise<void>;
  /** The network is gone: no close frame. */
  cut(): void;
}

/** Far above what anything should take, far below what a person waits for. */
const GIVE_UP_MS = 10_000;

/** `origin`: `http://…`. Resolves when the socket is open; rejects when the server refuses it. Nobody is authenticated yet. */
export async function connectSocket(origin: string): Promise<SocketClient> {
  const ws = new WebSocket(`${origin.replace(/^http/, 'ws')}/api/realtime`, { handshakeTimeout: GIVE_UP_MS });
  const frames: SocketFrame[] = [];
  const waiting = new Set<(frame: SocketFrame | null) => void>();
  const tell = (frame: SocketFrame | null) => {
    for (const hear of [...waiting]) hear(frame);
  };
  let requests = 0;
  const ended = new Promise<SocketEnd>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) });
      tell(null);
    });
  });
  ws.on('message', (data) => {
    const frame = JSON.parse(String(data)) as SocketFrame;
    frames.push(frame);
    tell(frame);
  });
  await once(ws, 'open');
  // From now on an error is followed by `close`, which says enough.
  ws.on('error', () => undefined);

  function next(
    what: string,
    is: (frame: SocketFrame) => boolean,
    timeoutMs = GIVE_UP_MS,
  ): Promise<SocketFrame> {
    const found = frames.find(is);
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        const seen = frames.slice(-20).map((frame) => JSON.stringify(frame).slice(0, 200));
        over();
        reject(new Error(`${what}: ${why}; the last of ${frames.length} frames:\n${seen.join('\n')}`));
      };
      const hear = (frame: SocketFrame | null) => {
        if (frame === null) return fail('the socket ended');
        if (!is(frame)) return;
        over();
        resolve(frame);
      };
      const timer = setTimeout(() => fail(`not within ${timeoutMs} ms`), timeoutMs);
      const over = () => {
        clearTimeout(timer);
        waiting.delete(hear);
      };
      waiting.add(hear);
      if (ws.readyState === WebSocket.CLOSED) fail('the socket has ended');
    });
  }

  const send = (frame: ClientFrame) => ws.send(JSON.stringify(frame));

  return {
    frames,
    get closed() {
      return bounded(ended);
    },
    next,
    send,
    sendRaw: (data) => ws.send(data),
    auth(token) {
      const before = frames.length;
      send({ type: 'auth', payload: { token } });
      return next('ready', (frame) => frame.type === 'ready' && frames.indexOf(frame) >= before);
    },
    subscribe(topic, after = null) {
      requests += 1;
      const id = `request-${requests}`;
      send({ type: 'subscribe', payload: { id, topics: [{ topic, after }] } });
      return next(`an answer for ${topic}`, ({ payload }) => payload.id === id && payload.topic === topic);
    },
    events: (topic) => frames.filter((frame) => frame.topic === topic && frame.seq !== undefined),
    stopReading: () => ws.pause(),
    async close() {
      ws.close();
      await bounded(ended);
    },
    cut: () => ws.terminate(),
  };
}

function bounded(ended: Promise<SocketEnd>): Promise<SocketEnd> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the socket is still open after ${GIVE_UP_MS} ms`)),
      GIVE_UP_MS,
    );
    void ended.then((end) => {
      clearTimeout(timer);
      resolve(end);
    });
  });
}

/** A new session of a user of the sandbox. */
export function signIn(origin: string, user: string): Promise<LoginResponse> {
  return createApiClient(() => origin, user).post('/api/auth/login', { code: `sandbox:${user}` });
}

/** A socket that is authenticated as this user of the sandbox. */
export async function connectAs(origin: string, user: string): Promise<SocketClient> {
  const { accessToken } = await signIn(origin, user);
  const socket = await connectSocket(origin);
  await socket.auth(accessToken);
  return socket;
}
