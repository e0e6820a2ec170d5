/** Everything the status page shows, from what is known. Pure; the language and the time are given. */
import type { StatsAnswer } from '../../shared/api';
import type { Audit } from '../../shared/run';
import type { Task } from '../../shared/task';
import { countText, durationText, percentText } from '../lib/format';
import { dayOf } from '../lib/format-time';
import { type Language, translate } from '../lib/i18n';
import { dayDate, dayWords } from './day-words';
import { type DayShape, dayBars, zoneOf } from './days';
import { type LatenessBars, latenessBars } from './lateness-bars';
import { lateAfterOf, shownZone, type TaskHead, taskHead } from './task-head';
import { type PreviewRead, type TaskSchedule, taskSchedule } from './task-schedule';
import type { TaskStatus } from './task-status';
import { type RowsFor, runRows, type VerdictRow, verdictRows } from './verdict-rows';

/** What is read beside the task and kept as it came. */
export interface StatusExtras extends PreviewRead {
  stats: StatsAnswer | null;
  audit: Audit | null;
}

/** What a person has chosen to look at. */
export interface StatusChoice {
  tab: 'verdicts' | 'runs';
  /** `YYYY-MM-DD`; null: all days. */
  day: string | null;
}

export interface Figure {
  value: string;
  label: string;
  bad: boolean;
}

export interface StatusPageView {
  name: string;
  head: TaskHead;
  schedule: TaskSchedule;
  figures: Figure[];
  /** The proof in words. */
  auditText: string;
  lateness: LatenessBars | null;
  days: { day: string; shape: DayShape; label: string }[];
  daysFrom: string;
  /** Index of the chosen day; -1: none. */
  chosenDay: number;
  dayText: string;
  tab: StatusChoice['tab'];
  rows: VerdictRow[];
}

export const SHOWN_DAYS = 90;

/** Null until the task was read. */
export function statusPage(
  status: TaskStatus,
  { preview, previewFailed, stats, audit }: StatusExtras,
  { tab, day }: StatusChoice,
  nowAt: number,
  language: Language,
): StatusPageView | null {
  const { task } = status;
  const head = taskHead(status, preview, nowAt, language);
  if (task === null || head === null) return null;
  const bars = dayBars(stats?.days ?? [], dayOf(nowAt, zoneOf(task.schedule)), SHOWN_DAYS);
  const chosenDay = bars.findIndex((bar) => bar.day === day);
  const chosen = bars[chosenDay];
  const lateAfterMs = lateAfterOf(task);
  return {
    name: task.name,
    head,
    schedule: taskSchedule(task, status.wished ?? task.state, { preview, previewFailed }, nowAt, language),
    figures: figuresOf(task, stats, audit, language),
    auditText: auditText(audit, language),
    lateness: latenessBars(status.runs, lateAfterMs, language),
    days: bars.map((bar) => ({ day: bar.day, shape: bar.shape, label: dayWords(bar, nowAt, language) })),
    daysFrom: dayDate(bars[0]?.day ?? '', nowAt, language),
    chosenDay,
    dayText: chosen === undefined ? '' : dayWords(chosen, nowAt, language),
    tab,
    rows: rowsOf(status, tab, { language, nowAt, zone: shownZone(task), lateAfterMs }),
  };
}

function rowsOf(status: TaskStatus, tab: StatusChoice['tab'], how: RowsFor): VerdictRow[] {
  if (tab === 'verdicts') return verdictRows(status.verdicts.items, status.runs, how);
  const byId = new Map(status.runs.map((run) => [run.id, run]));
  const listed = status.runList.ids.flatMap((id) => byId.get(id) ?? []);
  return runRows(listed, how);
}

function figuresOf(task: Task, stats: StatsAnswer | null, audit: Audit | null, language: Language): Figure[] {
  const { onTimePct, p50Ms, p99Ms } = stats?.punctuality ?? task.punctuality;
  const length = (ms: number | null) => (ms === null ? '–' : durationText(ms, language));
  const missing = audit !== null && !audit.ok;
  const judged = missing
    ? translate(language, 'task.unaccounted', { n: countText(audit.unaccounted) })
    : translate(language, 'task.audited');
  return [
    { value: percentText(onTimePct), label: translate(language, 'task.onTime'), bad: false },
    { value: length(p50Ms), label: translate(language, 'task.p50'), bad: false },
    { value: length(p99Ms), label: translate(language, 'task.p99'), bad: false },
    { value: audit === null ? '–' : countText(audit.planned), label: judged, bad: missing },
  ];
}

function auditText(audit: Audit | null, language: Language): string {
  if (audit === null) return '';
  if (audit.ok && audit.planned === 0) return translate(language, 'task.auditedNone');
  const vars = { planned: countText(audit.planned), n: countText(audit.unaccounted) };
  return translate(language, audit.ok ? 'task.auditedDay' : 'task.unaccounted', vars);
}
