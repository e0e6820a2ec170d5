/**
 * One store's way to Redis: a connection for commands, one that hears, scripts by their digest, errors as the contract
 * names them, and an eye on health and on write numbers.
 */
import { Cluster, type Redis } from 'ioredis';
import { monotonicMs } from '../../lib/clock.ts';
import type { StoreListener } from '../requests.ts';
import { StoreUnavailableError } from '../status.ts';
import { createClient, type RedisClient, reconnect, type Target } from './client.ts';
import { createEpochs } from './epoch.ts';
import type { Keys } from './keys.ts';
import type { ScriptName, Scripts } from './scripts.ts';
import { createShardSubscriber } from './shard-subscriber.ts';
import { isOnItsWay, replyCode, toStoreError } from './store-errors.ts';
import { createSubscriber } from './subscriber.ts';

export type Arg = string | number;

export interface Link {
  client: RedisClient;
  /** Runs a script that changes a partition; answers what follows its epoch, write number and whether it wrote. */
  step(name: ScriptName, partition: number, args: Arg[]): Promise<unknown[]>;
  /** Runs a script that answers without them. */
  read(name: ScriptName, key: string, args: Arg[]): Promise<unknown>;
  /** A plain command, its failure as a store error. */
  command<T>(send: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Connects both connections; rejects with what kept it from doing so. */
  open(listener: StoreListener): Promise<void>;
  /** Reads every partition's epoch, and asks the connection that hears. */
  check(): Promise<void>;
  /** See Store.listen. */
  listen(partitions: readonly number[]): void;
  /** Idempotent. */
  close(): Promise<void>;
}

/** A connection on which commands time out and nothing has arrived for this long is given up and made again. */
const SILENT_MS = 1_500;
/** Each question for the map of slots is a connection of its own. */
const ASK_EVERY_MS = 200;
/** A start that has not got through by then says what it last heard. (Sentinels are asked without an end.) */
const OPEN_WITHIN_MS = 5_000;

export function createLink(deps: { target: Target; keys: Keys; scripts: Scripts }): Link {
  const { target, keys, scripts } = deps;
  const client = createClient(target, 'zhundian');
  const subscriber =
    client instanceof Cluster
      ? createShardSubscriber({ target, keys, commands: client })
      : createSubscriber({ client: createClient(target, 'zhundian-wakes') as Redis, keys });
  let listener: StoreListener | null = null;
  let isUp = false;
  let closed = false;
  let checking = false;
  let lastError: Error | null = null;
  let heardAt = monotonicMs();
  let askedAt = 0;

  const epochs = createEpochs({
    async open(partition, known, random) {
      const args = [known.epoch, known.written, random];
      const [epoch, written] = (await run('open-epoch', keys.partition(partition), args)) as [string, number];
      return { epoch, written };
    },
    onRollback: (partition) => listener?.onRollback(partition),
  });

  function setUp(up: boolean): void {
    if (up === isUp) return;
    isUp = up;
    if (!closed) listener?.onHealth(up);
  }

  function failed(error: unknown): Error {
    const storeError = toStoreError(error);
    if (!(storeError instanceof StoreUnavailableError)) {
      heardAt = monotonicMs();
      return storeError;
    }
    // A dead master tells nobody who follows it: ask the others.
    if (client instanceof Cluster && client.status === 'ready' && monotonicMs() - askedAt > ASK_EVERY_MS) {
      askedAt = monotonicMs();
      client.refreshSlotsCache();
    }
    if (replyCode(error) === null && client.status === 'ready' && monotonicMs() - heardAt > SILENT_MS) {
      heardAt = monotonicMs();
      setUp(false);
      reconnect(client);
    }
    return storeError;
  }

  /** `take` sees the answer in the order of arrival, whichever way the script was sent. */
  function run(name: ScriptName, key: string, args: Arg[], take: (answer: unknown) => unknown = (a) => a) {
    const { sha, source } = scripts[name];
    const hear = (answer: unknown) => {
      heardAt = monotonicMs();
      const taken = take(answer);
      // Whatever it was: a server that only reads (ROLE=api) must see the end of an outage, too.
      if (!isUp) connected();
      return taken;
    };
    return client.evalsha(sha, 1, key, ...args).then(hear, (error: unknown) => {
      // Nothing ran: sending the text is safe.
      if (replyCode(error) !== 'NOSCRIPT') throw failed(error);
      return client.eval(source, 1, key, ...args).then(hear, (again: unknown) => {
        throw failed(again);
      });
    });
  }

  /** A slot that is on its way, for minutes perhaps, must not keep a server down that fifteen partitions need. */
  async function checkEpochs(): Promise<void> {
    await epochs.checkAll().catch((error: unknown) => {
      if (!isOnItsWay(error)) throw error;
    });
  }

  function connected(): void {
    if (checking || closed) return;
    checking = true;
    checkEpochs()
      .then(
        () => setUp(true),
        () => {
          // Away again, or still loading: whoever asks next brings it up.
        },
      )
      .finally(() => {
        checking = false;
      });
  }

  return {
    client,
    step: async (name, partition, args) =>
      run(name, keys.partition(partition), args, (answer) => {
        const [epoch, written, wrote, ...rest] = answer as [string, number, number, ...unknown[]];
        epochs.saw(partition, epoch, written, wrote === 1);
        return rest;
      }) as Promise<unknown[]>,
    read: (name, key, args) => run(name, key, args),
    command: (send) =>
      send(client).then(
        (answer) => {
          heardAt = monotonicMs();
          if (!isUp) connected();
          return answer;
        },
        (error: unknown) => {
          throw failed(error);
        },
      ),
    async open(newListener) {
      listener = newListener;
      client.on('error', (error: Error & { lastNodeError?: Error }) => {
        // A cluster says only that all nodes failed, and beside it why the last one did.
        lastError = error.lastNodeError ?? error;
      });
      client.on('close', () => setUp(false));
      try {
        await within(OPEN_WITHIN_MS, client.connect(), () =>
          client.status === 'connect'
            ? 'it answers, but is not ready: is it loading its data?'
            : 'no connection',
        );
        // A cluster is ready with its first node, and refuses what goes to others that still connect.
        if (client instanceof Cluster)
          await Promise.allSettled(client.nodes('master').map((node) => node.ping()));
      } catch (error) {
        throw lastError ?? error;
      }
      await within(OPEN_WITHIN_MS, subscriber.open(newListener), () => 'no subscription');
      isUp = true;
      client.on('ready', connected);
    },
    check: async () => {
      await checkEpochs();
      subscriber.check();
    },
    listen: (partitions) => subscriber.listen(partitions),
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all([endConnection(client), subscriber.close()]);
    },
  };
}

/** Lets what is under way finish, within a command's time. */
async function endConnection(connection: RedisClient): Promise<void> {
  if (connection.status === 'ready') await connection.quit().catch(() => {});
  // Also stops a reconnect that waits for its time; no event would tell of that end.
  connection.disconnect();
}

async function within<T>(ms: number, work: Promise<T>, why: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${why()} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
