/** Log lines and progress of one attempt, sent at most five times a second. Best effort: losing one never fails a run. */
import type { Clock } from '../lib/clock.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { StoredLogLine } from '../store/requests.ts';
import type { Store } from '../store/store.ts';

export interface RunLog {
  log(text: string, level?: StoredLogLine['level']): void;
  progress(percent: number): void;
  /** Sends what is left; to be called before the finish is. */
  flush(): void;
}

const FLUSH_EVERY_MS = 200;
const LINE_LENGTH = 1_000;
const MOST_BUFFERED = 1_000;

export function createRunLog(run: ClaimedRun, store: Store, clock: Clock): RunLog {
  let lines: StoredLogLine[] = [];
  let percent: number | null = null;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length === 0 && percent === null) return;
    const sent = lines;
    const progress = percent;
    lines = [];
    percent = null;
    store
      .appendRunLog(run.runId, { token: run.token, fence: run.fence }, sent, progress)
      .catch(() => undefined);
  }
  const soon = () => {
    timer ??= setTimeout(flush, FLUSH_EVERY_MS);
  };

  return {
    log(text, level = 'info') {
      if (lines.length >= MOST_BUFFERED) lines.shift();
      lines.push({ at: clock.now(), attempt: run.attempt, level, text: String(text).slice(0, LINE_LENGTH) });
      soon();
    },
    progress(value) {
      if (!Number.isFinite(value)) return;
      percent = Math.round(Math.max(0, Math.min(100, value)));
      soon();
    },
    flush,
  };
}
