/** Progress and log lines of a run: best effort, the newest lines kept. */
import { LOG_BYTES_KEPT, LOG_LINES_KEPT } from '../../limits.ts';
import type { StoredLogLine } from '../../requests.ts';
import { checkNumber } from '../refused.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';

/** `lines` are bounded already (newest-lines.ts). */
export function appendRunLog(
  s: State,
  _now: number,
  runId: string,
  lease: { token: string; fence: number },
  lines: StoredLogLine[],
  progress: number | null,
): boolean {
  if (progress !== null) checkNumber('progress', progress);
  const run = s.leased.get(runId);
  if (run === undefined || run.token !== lease.token || run.fence !== lease.fence) return false;
  if (progress !== null && progress !== run.progress) {
    run.progress = progress;
    s.touchRun(run);
  }
  if (lines.length > 0) appendLines(s, run, lines);
  return true;
}

/** Keeps the newest within the limits of a log. */
export function appendLines(s: State, run: RunEntry, lines: StoredLogLine[]): void {
  if (!run.logged) {
    run.logged = true;
    s.touchRun(run);
  }
  const size = s.db
    .prepare('SELECT max(n) n, count(*) count, total(bytes) bytes FROM run_log WHERE run_n = ?')
    .get(run.n);
  let n = Number(size?.n ?? 0);
  let count = Number(size?.count ?? 0) + lines.length;
  let bytes = Number(size?.bytes ?? 0);
  const insert = s.db.prepare('INSERT INTO run_log (run_n, n, bytes, line) VALUES (?, ?, ?, ?)');
  for (const { at, attempt, level, text } of lines) {
    const length = Buffer.byteLength(text);
    n += 1;
    bytes += length;
    insert.run(run.n, n, length, JSON.stringify([at, attempt, level, text]));
  }
  if (count <= LOG_LINES_KEPT && bytes <= LOG_BYTES_KEPT) return;
  let from = 0;
  for (const row of s.db.prepare('SELECT n, bytes FROM run_log WHERE run_n = ? ORDER BY n').iterate(run.n)) {
    if (count <= LOG_LINES_KEPT && bytes <= LOG_BYTES_KEPT) break;
    from = row.n as number;
    count -= 1;
    bytes -= row.bytes as number;
  }
  s.db.prepare('DELETE FROM run_log WHERE run_n = ? AND n <= ?').run(run.n, from);
}

export function listRunLog(s: State, _now: number, runId: string): StoredLogLine[] {
  const run = s.run(runId);
  if (run === null) return [];
  return s.db
    .prepare('SELECT line FROM run_log WHERE run_n = ? ORDER BY n')
    .all(run.n)
    .map(({ line }) => {
      const [at, attempt, level, text] = JSON.parse(line as string) as PackedLine;
      return { at, attempt, level, text };
    });
}

type PackedLine = [at: number, attempt: number, level: StoredLogLine['level'], text: string];
