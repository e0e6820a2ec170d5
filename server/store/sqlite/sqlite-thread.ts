/** The thread that owns the connection: one message, one batch, one transaction, one answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { hostClock } from '../../lib/clock.ts';
import { StartError } from '../status.ts';
import { BatchRunner } from './batch.ts';
import { createCheckpointer } from './checkpoint.ts';
import { closeFile, type OpenedFile, openFile } from './open-file.ts';
import type { Reply, Request, ThreadStart } from './protocol.ts';
import { State } from './state.ts';
import { createWriteBack } from './write-back.ts';

/** Expired documents are looked for this often. */
const EXPIRY_EVERY_MS = 60_000;
/** Between two pieces of background deletion, so that batches go first. */
const PURGE_PAUSE_MS = 2;

const port = parentPort!;
const reply = (message: Reply) => port.postMessage(message);

function start({ dir, forMove }: ThreadStart): void {
  const file = openFile(dir, { forMove });
  const state = new State(file.db, file.boot);
  state.load();
  const runner = new BatchRunner(state);
  const writeBack = createWriteBack(runner, state);
  const checkpointer = createCheckpointer(file.db);
  let up = true;
  let purgeTimer: NodeJS.Timeout | null = null;

  const purgeSoon = () => {
    if (purgeTimer !== null || !state.purging) return;
    purgeTimer = setTimeout(() => {
      purgeTimer = null;
      runner.purge(hostClock.now());
      purgeSoon();
    }, PURGE_PAUSE_MS);
  };
  const expiryTimer = setInterval(() => {
    state.purging = true;
    purgeSoon();
  }, EXPIRY_EVERY_MS);

  port.on('message', (request: Request) => {
    if (request.kind === 'stop') {
      clearInterval(expiryTimer);
      checkpointer.stop();
      writeBack.finish();
      if (purgeTimer !== null) clearTimeout(purgeTimer);
      closeQuietly(file);
      reply({ kind: 'stopped' });
      port.close();
      return;
    }
    const { answers, wakes, grown } = runner.run(request.operations, request.now ?? hostClock.now());
    if (up === runner.broken) {
      up = !runner.broken;
      reply({ kind: 'health', up });
    }
    reply({ kind: 'answers', id: request.id, answers, wakes, grown, commitMs: runner.commitMs });
    writeBack.answered();
    state.shed();
    purgeSoon();
    checkpointer.committed();
  });
  purgeSoon();
  reply({
    kind: 'started',
    info: {
      durability: `${file.db.version} in ${file.path}: an acknowledged write survives kill -9 and power loss (WAL, synchronous=FULL)`,
      warnings: [],
    },
  });
}

/** Everything acknowledged is in the file already; without the mark of a clean end the next start checks it. */
function closeQuietly(file: OpenedFile): void {
  try {
    closeFile(file);
  } catch {
    // A full disk, say. The process is about to end; there is nobody to tell.
  }
}

try {
  start(workerData as ThreadStart);
} catch (error) {
  const message =
    error instanceof StartError
      ? error.message
      : `the store cannot start: ${(error as Error).message.replace(/\s+/g, ' ')}`;
  reply({ kind: 'start_refused', message });
  port.close();
}
