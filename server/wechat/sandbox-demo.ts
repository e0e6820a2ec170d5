/** Something for the sample tasks to watch: a site, an order and a list, on a loopback port of their own. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';

export interface SandboxDemo extends Part {
  /** `127.0.0.1:port`, for the hosts that HTTP actions may reach. Throws before start. */
  host(): string;
}

/** Polls that an order stays in each status. */
const ORDER_STEPS = [
  'created',
  'created',
  'created',
  'paid',
  'paid',
  'paid',
  'shipped',
  'shipped',
  'shipped',
  'done',
];
const ORDERS_KEPT = 1_000;
/** The list gains and loses an item this often. */
const ITEMS_STEP_MS = 60_000;
const SLOW_EVERY = 5;
const SLOWEST_MS = 300;

export function createSandboxDemo(deps: {
  clock: Clock;
  random?: () => number;
  /** The port to take if it is free (tasks keep pointing to it across restarts); 0: any. Default: any. */
  port?: () => Promise<number>;
}): SandboxDemo {
  const { clock, random = Math.random, port = async () => 0 } = deps;
  const polls = new Map<string, number>();
  let server: Server | null = null;

  const answers: Record<string, (query: URLSearchParams) => unknown> = {
    '/demo/site': () => ({ ok: true, at: clock.now() }),
    '/demo/order': (query) => {
      const id = (query.get('id') ?? 'demo').slice(0, 64);
      const seen = polls.get(id) ?? 0;
      if (polls.size >= ORDERS_KEPT && seen === 0) polls.delete(polls.keys().next().value as string);
      polls.set(id, seen + 1);
      return { id, status: ORDER_STEPS[Math.min(seen, ORDER_STEPS.length - 1)] };
    },
    '/demo/items': () => ({ items: itemsAt(clock.now()) }),
  };

  function listen(at: number): Promise<Server> {
    const made = createServer((req, res) => {
      const [path = '', query] = (req.url ?? '').split('?', 2);
      const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
      const body = JSON.stringify(answer ? answer(new URLSearchParams(query)) : { error: 'not found' });
      const slow = path === '/demo/site' && random() < 1 / SLOW_EVERY;
      const send = () => {
        res.writeHead(answer ? 200 : 404, { 'content-type': 'application/json; charset=utf-8' });
        res.end(body);
      };
      req.resume();
      if (slow) setTimeout(send, Math.floor(random() * SLOWEST_MS)).unref();
      else send();
    });
    return new Promise((resolve, reject) => {
      made.once('error', reject);
      made.listen(at, '127.0.0.1', () => resolve(made));
    });
  }

  return {
    async start() {
      if (server !== null) return;
      const wanted = await port();
      server = await listen(wanted).catch((error: NodeJS.ErrnoException) => {
        if (wanted === 0 || error.code !== 'EADDRINUSE') throw error;
        return listen(0);
      });
    },
    async stop() {
      const closing = server;
      server = null;
      if (closing === null) return;
      await new Promise((resolve) => {
        closing.close(resolve);
        closing.closeAllConnections();
      });
    },
    host() {
      if (server === null) throw new Error('the demo endpoints have not been started');
      return `127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

/** Ten items of which one goes and one comes with every step, and one changes its price. */
function itemsAt(now: number): { id: string; name: string; price: number }[] {
  const step = Math.floor(now / ITEMS_STEP_MS);
  return Array.from({ length: 10 }, (_, k) => {
    const n = step + k;
    return { id: `item-${n}`, name: `商品 ${n}`, price: 100 + (n % 7) * 10 + (k === 5 ? step % 3 : 0) };
  });
}
