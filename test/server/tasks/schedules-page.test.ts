/** docs/schedules.md says what the product does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { previewSchedule } from '../../../server/tasks/preview.ts';
import { checkSchedule } from '../../../server/tasks/validate-schedule.ts';
import type { PreviewWarning } from '../../../shared/api.ts';
import type { Schedule } from '../../../shared/task.ts';

const NOW = Date.parse('2026-11-23T16:00:00+08:00');
const page = readFileSync('docs/schedules.md', 'utf8');

/** Rows of the table under a heading, as cells. */
function rows(heading: string): string[][] {
  const part = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) as string;
  const lines = part.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}
const code = (cell: string) => cell.replace(/^`|`$/g, '');

test('examples have the words and the slots that the page says', () => {
  const examples = rows('Kinds');
  assert.equal(examples.length, 9);
  for (const [text, words, slots] of examples) {
    const schedule = JSON.parse(code(text as string)) as Schedule;
    assert.deepEqual(checkSchedule(schedule, NOW), []);
    const { answer } = previewSchedule(schedule, NOW, 2, 'en');
    assert.equal(`${previewSchedule(schedule, NOW, 2, 'zh-CN').answer.words} · ${answer.words}`, words);
    assert.equal(answer.fires.map(({ local }) => local).join(', '), slots);
  }
});

test('texts of timers are taken or refused as the page says', () => {
  const texts = rows('CloudBase timers');
  assert.equal(texts.length, 7);
  for (const [text, answer] of texts) {
    const [problem] = checkSchedule({ kind: 'cron', cron: code(text as string) }, NOW);
    assert.equal(problem === undefined ? 'taken' : `${problem.code}: ${problem.message.en}`, answer, text);
  }
});

test('the page names every warning', () => {
  const all: Record<PreviewWarning['code'], true> = {
    DST_GAP: true,
    DST_OVERLAP: true,
    NEVER_FIRES: true,
    CALENDAR_NOT_COVERED: true,
    CLOSER_THAN_RUN: true,
  };
  assert.deepEqual(
    rows('What the preview warns of')
      .map(([cell]) => code(cell as string))
      .sort(),
    Object.keys(all).sort(),
  );
});
