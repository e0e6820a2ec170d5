import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface HintProxy {
  readonly port: number;
  /** From now on nothing reaches a connection that has subscribed to channels, and it is not told that it is alone. */
  mute(): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of Redis that can lose pub/sub messages, and them alone. */
export async function createHintProxy(targetPort: number): Promise<HintProxy> {
  const sockets = new Set<Socket>();
  let muted = false;
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    let subscribed = false;
    client.on('data', (data: Buffer) => {
      subscribed ||= /\r\ns?subscribe\r\n/i.test(data.toString('latin1'));
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (!(muted && subscribed)) client.write(data);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mute() {
      muted = true;
    },
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
