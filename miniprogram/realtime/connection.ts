import type { ClientFrame, Frame } from '../../shared/realtime';
import type { SetTimer } from '../lib/timer';
import type { SocketTarget, SocketTask, Wx } from '../lib/wx-port';

/** For the connection to open and authenticate, and for an answer to a ping. */
const DEADLINE_MS = 10_000;
/** Between pings until the server has said how often. */
const HEARTBEAT_MS = 25_000;

/** One connection, from opening to its loss. */
export interface Connection {
  /** Lost when the connection is not ready. */
  send(frame: ClientFrame): void;
  /** Asks for a sign of life: without one within ten seconds it counts as lost. */
  ping(): void;
  /** On purpose: nothing is heard of it any more. */
  close(): void;
}

export interface ConnectionEvents {
  /** Authenticated; again after each renewed `auth`. */
  onReady(): void;
  onFrame(frame: Frame): void;
  /** When a frame, of whatever type, was sent: ms of the server's clock. */
  onDated(sentAt: number): void;
  /** Once, and never after `close`. The close code; null when it did not open, or fell silent. */
  onLost(code: number | null): void;
}

interface ConnectionDeps {
  wx: Pick<Wx, 'connectSocket'>;
  target: SocketTarget;
  /** Goes into the first frame: tokens in addresses end up in logs. */
  token: string;
  setTimer: SetTimer;
}

export function openConnection(
  { wx, target, token, setTimer }: ConnectionDeps,
  events: ConnectionEvents,
): Connection {
  let task: SocketTask | null = null;
  let over = false;
  let heartbeatMs = HEARTBEAT_MS;
  let cancelDeadline: (() => void) | null = setTimer(() => lose(null), DEADLINE_MS);
  let cancelHeartbeat: (() => void) | null = null;

  function finish(): void {
    over = true;
    cancelDeadline?.();
    cancelHeartbeat?.();
    task?.close();
  }

  function lose(code: number | null): void {
    if (over) return;
    finish();
    events.onLost(code);
  }

  function send(frame: ClientFrame): void {
    if (!over) task?.send(JSON.stringify(frame));
  }

  function alive(): void {
    cancelDeadline?.();
    cancelDeadline = null;
    cancelHeartbeat ??= setTimer(beat, heartbeatMs);
  }

  /** Whatever is heard meanwhile: the server closes a socket that only listens (4408). */
  function beat(): void {
    cancelHeartbeat = setTimer(beat, heartbeatMs);
    ping();
  }

  function ping(): void {
    send({ type: 'ping', payload: {} });
    cancelDeadline ??= setTimer(() => lose(null), DEADLINE_MS);
  }

  function receive(text: string): void {
    if (over) return;
    const frame = parseFrame(text);
    if (frame === null) return;
    events.onDated(frame.timestamp);
    if (frame.type === 'ready') heartbeatMs = heartbeatOf(frame.payload);
    // Until `ready` the deadline is the one for opening: other frames do not move it.
    if (frame.type === 'ready' || cancelHeartbeat !== null) alive();
    if (frame.type === 'ready') events.onReady();
    else if (frame.type !== 'pong') events.onFrame(frame);
  }

  async function open(): Promise<void> {
    try {
      task = await wx.connectSocket(target);
    } catch {
      lose(null);
      return;
    }
    if (over) {
      task.close();
      return;
    }
    task.onOpen(() => send({ type: 'auth', payload: { token } }));
    task.onMessage(receive);
    task.onError(() => lose(null));
    task.onClose((code) => lose(code));
  }

  void open();
  return {
    send,
    ping,
    close() {
      if (!over) finish();
    },
  };
}

/** Null for what is no frame: no JSON, or no type. */
function parseFrame(text: string): Frame | null {
  try {
    const frame = JSON.parse(text) as Partial<Frame> | null;
    return typeof frame?.type === 'string' ? (frame as Frame) : null;
  } catch {
    return null;
  }
}

function heartbeatOf(payload: unknown): number {
  const { heartbeatMs } = (payload ?? {}) as { heartbeatMs?: unknown };
  // Kept within reason, whatever is sent: a ping per second at most, one a minute at least.
  return typeof heartbeatMs === 'number' && heartbeatMs >= 1000
    ? Math.min(heartbeatMs, 60_000)
    : HEARTBEAT_MS;
}
