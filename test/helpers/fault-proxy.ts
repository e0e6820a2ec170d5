import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { RespFrames } from './resp-frames.ts';

export interface FaultProxy {
  /** On 127.0.0.1; stays the same through `refuse` and `heal`. */
  readonly port: number;
  /** The network holds everything, both ways, and says nothing; new connections open and stay mute. */
  blackhole(): void;
  /** Cuts what there is and refuses new connections (ECONNREFUSED). */
  refuse(): Promise<void>;
  /** Back to normal. What a blackhole held is delivered, late: commands whose caller has given up included. */
  heal(): Promise<void>;
  /** Resets every connection; new ones are welcome. */
  cutAll(): void;
  /**
   * "Answer lost": lets the next command that matches (default: any) through, swallows its reply and resets the
   * client's connection. `request` is one whole RESP command. `dropped` resolves once the reply is swallowed.
   * Not for a connection in RESP2 subscribe mode, where replies do not answer commands one by one.
   */
  dropNextReply(match?: (request: Buffer) => boolean): { dropped: Promise<void> };
  /** Adds so many ms to every round trip from now on. 0 ends it, `heal` too. */
  delay(ms: number): void;
  close(): Promise<void>;
}

interface Drop {
  match: (request: Buffer) => boolean;
  done: () => void;
}

interface Link {
  pause(): void;
  resume(): void;
  reset(): void;
}

/** A TCP proxy for RESP traffic that breaks on demand. It has no backpressure: tests send little. */
export async function createFaultProxy(options: { targetPort: number }): Promise<FaultProxy> {
  const links = new Set<Link>();
  const drops: Drop[] = [];
  let holding = false;
  let delayMs = 0;

  const server = createServer({ pauseOnConnect: true }, (client) => {
    const link = createLink({
      client,
      targetPort: options.targetPort,
      delayMs: () => delayMs,
      takeDrop: (request) => {
        const index = drops.findIndex((drop) => drop.match(request));
        return index === -1 ? undefined : drops.splice(index, 1)[0];
      },
      onGone: () => links.delete(link),
    });
    links.add(link);
    if (!holding) link.resume();
  });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(onPort: number): Promise<void> {
    server.listen(onPort, '127.0.0.1');
    await once(server, 'listening');
  }

  function cutAll(): void {
    for (const link of links) link.reset();
  }

  async function refuse(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cutAll();
    await closed;
  }

  return {
    port,
    refuse,
    cutAll,
    close: refuse,
    blackhole() {
      holding = true;
      for (const link of links) link.pause();
    },
    async heal() {
      holding = false;
      delayMs = 0;
      if (!server.listening) await listen(port);
      for (const link of links) link.resume();
    },
    dropNextReply(match = () => true) {
      let done = () => {};
      const dropped = new Promise<void>((resolve) => {
        done = resolve;
      });
      drops.push({ match, done });
      return { dropped };
    },
    delay(ms) {
      delayMs = ms;
    },
  };
}

/** One client's connection, with the one to the server behind it, which opens with the first `resume`. */
function createLink(options: {
  client: Socket;
  targetPort: number;
  delayMs: () => number;
  takeDrop: (request: Buffer) => Drop | undefined;
  onGone: () => void;
}): Link {
  const { client } = options;
  const requests = new RespFrames();
  const replies = new RespFrames();
  const awaited: (Drop | undefined)[] = []; // one entry per command without its reply yet
  let upstream: Socket | null = null;

  const send = delayedCalls(options.delayMs);
  client.setNoDelay(true);
  client.on('data', (chunk) => {
    for (const frame of requests.push(chunk)) {
      awaited.push(options.takeDrop(frame));
      send(() => upstream?.write(frame));
    }
  });
  client.on('end', () => send(() => upstream?.end()));
  client.on('error', reset);
  client.once('close', () => {
    upstream?.destroy();
    options.onGone();
  });

  function open(): Socket {
    const socket = connect({ port: options.targetPort, host: '127.0.0.1', noDelay: true });
    socket.on('data', (chunk) => {
      for (const frame of replies.push(chunk)) {
        const isPush = frame[0] === '>'.charCodeAt(0);
        const drop = isPush ? undefined : awaited.shift();
        if (drop) {
          reset();
          drop.done();
          return;
        }
        client.write(frame);
      }
    });
    socket.on('end', () => client.end());
    socket.on('error', reset);
    return socket;
  }

  function reset(): void {
    client.resetAndDestroy();
    upstream?.destroy();
  }

  return {
    reset,
    pause() {
      client.pause();
      upstream?.pause();
    },
    resume() {
      upstream ??= open();
      upstream.resume();
      client.resume();
    },
  };
}

/** Makes calls `delayMs()` later and in order, whatever becomes of the delay meanwhile. */
function delayedCalls(delayMs: () => number): (call: () => void) => void {
  const queue: { call: () => void; dueAt: number }[] = [];
  const flush = () => {
    while (queue[0] && queue[0].dueAt <= performance.now()) queue.shift()?.call();
    if (queue[0]) setTimeout(flush, Math.ceil(queue[0].dueAt - performance.now()));
  };
  return (call) => {
    const ms = delayMs();
    if (ms === 0 && queue.length === 0) return call();
    queue.push({ call, dueAt: performance.now() + ms });
    if (queue.length === 1) setTimeout(flush, ms);
  };
}
