/** What must not outlive this process, however it ends: children and temporary folders. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ends = new Set();

process.once('exit', () => {
  for (const end of [...ends].reverse()) end();
});
// A signal by itself runs no exit handler.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
])
  process.once(signal, () => process.exit(code));

/** Runs `end` (which does not wait) when this process ends, unless the function it answers was called before. */
export function atEnd(end) {
  ends.add(end);
  return () => ends.delete(end);
}

/** A folder that goes with this process, or earlier with `remove`. */
export function tempFolder() {
  const path = mkdtempSync(join(tmpdir(), 'zhundian-bench-'));
  const end = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  const forget = atEnd(end);
  return {
    path,
    remove() {
      forget();
      end();
    },
  };
}
