import { dataSync } from './data-sync.ts';
import type { Handler } from './define-handler.ts';
import { noop } from './noop.ts';
import { pruneHistory } from './prune-history.ts';

/** Every handler that tasks may call. Add your own here; nothing is scanned. */
export const handlers: readonly Handler[] = [noop, dataSync, pruneHistory];
