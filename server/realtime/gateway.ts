/** The door for sockets: `GET /api/realtime` with `Upgrade: websocket`. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Part } from '../lib/lifecycle.ts';
import { Connection, type ConnectionDeps } from './connection.ts';
import { MOST_FRAME_BYTES } from './frames.ts';
import { CLOSE, MOST_UNKNOWN, slowestReaders } from './limits.ts';

const PATH = '/api/realtime';
const LOOK_EVERY_MS = 1_000;

export interface Gateway extends Part {
  /** Sockets open now. */
  sockets(): number;
}

/** `server`: of the HTTP application. Stop it before that: `close` does not end sockets. */
export function createGateway(deps: Omit<ConnectionDeps, 'onClosed'> & { server: Server }): Gateway {
  const { server, ...rest } = deps;
  // No compression: it costs 300 KiB a socket for frames of 200 bytes. No tracking: we have our own.
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MOST_FRAME_BYTES,
  });
  const connections = new Set<Connection>();
  let emptied: (() => void) | null = null;
  let stopped: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** As counted at the last look, and those that came since. */
  let unknown = 0;

  const connectionDeps: ConnectionDeps = {
    ...rest,
    onClosed(connection) {
      connections.delete(connection);
      if (connections.size === 0) emptied?.();
    },
  };

  function admit(ws: WebSocket): void {
    unknown += 1;
    connections.add(new Connection(ws, connectionDeps));
  }

  function onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = (req.url ?? '').split('?', 1)[0];
    if (path !== PATH) refuse(socket, '404 Not Found');
    else if (stopped !== null || unknown >= MOST_UNKNOWN) refuse(socket, '503 Service Unavailable');
    // Refuses what is not a WebSocket of version 13 by itself.
    else wss.handleUpgrade(req, socket, head, admit);
  }

  function look(): void {
    unknown = 0;
    for (const connection of connections) {
      if (!connection.known) unknown += 1;
      connection.look();
    }
    // Each may keep little, and thousands of them too much.
    for (const connection of slowestReaders(connections)) connection.close(CLOSE.overrun, 'too slow');
  }

  async function closeAll(): Promise<void> {
    clearInterval(timer);
    rest.hub.stop();
    if (connections.size === 0) return;
    const closed = new Promise<void>((resolve) => {
      emptied = resolve;
    });
    // Each cuts itself off when its peer does not answer in time.
    for (const connection of connections) connection.close(CLOSE.goingAway, 'server going away');
    await closed;
  }

  return {
    sockets: () => connections.size,
    async start() {
      server.on('upgrade', onUpgrade);
      timer ??= setInterval(look, LOOK_EVERY_MS);
      rest.hub.start();
    },
    stop() {
      stopped ??= closeAll();
      return stopped;
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  // An upgraded socket stays half open after `end`: a peer that never ends its half would hold the server open.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
