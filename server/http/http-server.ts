/** The port that the HTTP application is served on. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Part } from '../lib/lifecycle.ts';
import { StartError } from '../store/status.ts';

export interface HttpServer extends Part {
  /** For whoever answers `upgrade`. */
  readonly server: Server;
  /** The port in use once started (the one asked for, unless that was 0). */
  port(): number;
}

/** Requests that are still running this long after stop was asked for are cut off. */
const STOP_MS = 10_000;

/** `start` rejects with a StartError of one line when the port is taken or may not be used. */
export function createHttpServer(options: {
  callback: RequestListener;
  host: string;
  port: number;
  stopMs?: number;
}): HttpServer {
  const { callback, host, port, stopMs = STOP_MS } = options;
  const underWay = new Set<ServerResponse>();
  let started: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;

  /** A connection that is kept alive would hold the server open. */
  const partAfter = (res: ServerResponse) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  const server = createServer(
    // Longer than load balancers keep idle connections, so that they and not we close them; 60 s for a whole request.
    { keepAliveTimeout: 65_000, headersTimeout: 15_000, requestTimeout: 60_000, maxHeaderSize: 16_384 },
    (req, res) => {
      underWay.add(res);
      res.once('close', () => underWay.delete(res));
      if (stopped !== null) partAfter(res);
      callback(req, res);
    },
  );

  const listen = () =>
    new Promise<void>((resolve, reject) => {
      const refuse = (error: NodeJS.ErrnoException) =>
        reject(
          new StartError(`cannot listen on ${host}:${port}: ${REASONS[error.code ?? ''] ?? error.message}`),
        );
      server.once('error', refuse);
      server.listen(port, host, () => {
        server.off('error', refuse);
        resolve();
      });
    });

  const close = () =>
    new Promise<void>((resolve) => {
      const cutOff = setTimeout(() => server.closeAllConnections(), stopMs);
      server.close(() => {
        clearTimeout(cutOff);
        resolve();
      });
      server.closeIdleConnections();
    });

  return {
    server,
    start() {
      started ??= listen();
      return started;
    },
    stop() {
      for (const res of underWay) partAfter(res);
      stopped ??= started === null ? Promise.resolve() : started.then(close, () => {});
      return stopped;
    },
    port: () => (server.address() as AddressInfo).port,
  };
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'that needs more rights',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no such host',
};
