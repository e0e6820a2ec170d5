import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';
import { createRepeatLog } from '../../../server/lib/repeat-log.ts';

function open() {
  const lines: { msg: string; partition: number; unsaid?: number }[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const clock = {
    at: 1_000_000,
    now: () => clock.at,
  };
  return {
    lines,
    clock,
    say: createRepeatLog({ clock, logger: createLogger({ level: 'warn', destination }) }),
  };
}

const told = (lines: { msg: string; partition: number; unsaid?: number }[]) =>
  lines.map(({ msg, partition, unsaid }) => [msg, partition, unsaid]);

test('a message that repeats is said at once, and then once in 10 s with the number of the others', () => {
  const { lines, clock, say } = open();
  for (let partition = 0; partition < 500; partition += 1) {
    say({ partition }, 'it failed');
    clock.at += 10;
  }
  assert.deepEqual(told(lines), [['it failed', 0, undefined]]);
  clock.at = 1_010_000;
  say({ partition: 7 }, 'it failed');
  assert.deepEqual(told(lines.slice(1)), [['it failed', 7, 499]]);
  clock.at = 1_020_000;
  say({ partition: 8 }, 'it failed');
  assert.deepEqual(told(lines.slice(2)), [['it failed', 8, 0]]);
});

test('messages are counted apart', () => {
  const { lines, say } = open();
  say({ partition: 1 }, 'one failed');
  say({ partition: 2 }, 'another failed');
  assert.deepEqual(told(lines), [
    ['one failed', 1, undefined],
    ['another failed', 2, undefined],
  ]);
});

test('a clock that goes back does not silence it', () => {
  const { lines, clock, say } = open();
  say({ partition: 1 }, 'it failed');
  clock.at -= 3_600_000;
  say({ partition: 2 }, 'it failed');
  assert.equal(lines.length, 2);
});
