/** The pictures of docs/performance.md: which there are, and what each shows. */
import { kindsOf, svg } from './chart.mjs';
import { spread } from './results.mjs';
import { KIND_NAMES } from './scenarios.mjs';

/** `draw(result)` answers an SVG. */
export const charts = [
  {
    scenario: 'burst',
    draw: (result) =>
      bars(result, {
        title: 'Burst: ready runs drained · 突发吞吐',
        axis: 'runs a second (more is better)',
        figure: 'perSecond',
      }),
  },
  {
    scenario: 'lateness',
    draw: (result) =>
      lines(result, {
        title: 'One-shots at a rate: p99 lateness · 触发误差',
        axis: 'ms after the planned instant, log scale',
        figure: 'p99',
        name: (part) => `${thousands(part.replace('/s', ''))} a second`,
      }),
  },
  {
    scenario: 'same-second',
    draw: (result) =>
      groups(result, {
        title: 'All on the same second: p99 lateness · 同秒齐发',
        axis: 'ms after the second, log scale',
        figure: 'p99',
        log: true,
        name: (part) => `${thousands(part)} tasks`,
      }),
  },
  {
    scenario: 'idle',
    draw: (result) =>
      groups(result, {
        title: 'A daily task that lies still · 静置任务占用',
        axis: 'bytes a task (embedded: on disk)',
        figure: 'bytesPerTask',
        name: (part) => `${thousands(part.replace(' idle', ''))} tasks`,
      }),
  },
  {
    scenario: 'kill',
    draw: (result) =>
      bars(result, {
        title: `kill -9 with ${result.size.runs} running: all run again · 宕机接管`,
        axis: 'seconds after the kill (less is better)',
        figure: 'lastSeconds',
      }),
  },
  {
    scenario: 'downtime',
    draw: (result) =>
      bars(result, {
        title: `Nobody there for ${result.size.awayMs / 1_000} s: slots that never ran · 停机漏执行`,
        axis: '% of the slots of the gap (less is better)',
        figure: 'neverRanPct',
        max: 100,
      }),
  },
];

const thousands = (text) => Number(text).toLocaleString('en');

/** One bar a kind, with its range as a whisker and its value behind it. */
function bars(result, { title, axis, figure, max }) {
  const rows = kindsOf(withShares(result), figure).reverse();
  return svg(result, { title, axis, height: 120 + rows.length * 38 }, (look) => ({
    grid: { left: 8, right: 70, top: 78, bottom: 12, containLabel: true },
    xAxis: look.valueAxis({ max }),
    yAxis: look.categoryAxis(rows.map(({ kind }) => KIND_NAMES[kind])),
    series: [
      {
        type: 'bar',
        barWidth: 18,
        data: rows.map(({ kind, value }) => ({
          value: value.median,
          itemStyle: { color: look.color(kind) },
        })),
      },
      look.whiskers(rows.map(({ value }) => value)),
    ],
  }));
}

/** A line a kind over the cases, on a log axis. */
function lines(result, { title, axis, figure, name }) {
  const cases = casesOf(result, figure);
  return svg(result, { title, axis, height: 400, legend: true }, (look) => ({
    grid: { left: 8, right: 16, top: 116, bottom: 12, containLabel: true },
    xAxis: look.categoryAxis(cases.map(name)),
    yAxis: look.valueAxis({ log: true }),
    series: kindsOf(result, figure).map(({ kind }) => ({
      type: 'line',
      name: KIND_NAMES[kind],
      color: look.color(kind),
      symbol: 'circle',
      symbolSize: 7,
      lineStyle: { width: look.isOurs(kind) ? 3 : 1.8, type: kind === 'bullmq-hz100' ? 'dashed' : 'solid' },
      data: cases.map((part) => rowValue(result, kind, part, figure)?.median ?? null),
    })),
  }));
}

/** Bars of the kinds side by side, a group a case. */
function groups(result, { title, axis, figure, log = false, name }) {
  const cases = casesOf(result, figure);
  return svg(result, { title, axis, height: 380, legend: true }, (look) => ({
    grid: { left: 8, right: 16, top: 122, bottom: 12, containLabel: true },
    xAxis: look.categoryAxis(cases.map(name)),
    yAxis: look.valueAxis({ log }),
    series: kindsOf(result, figure).map(({ kind }) => ({
      type: 'bar',
      name: KIND_NAMES[kind],
      color: look.color(kind),
      barMaxWidth: 46,
      data: cases.map((part) => rowValue(result, kind, part, figure)?.median ?? null),
      label: look.label(),
    })),
  }));
}

const casesOf = ({ runs }, figure) => [
  ...new Set(runs.filter((run) => typeof run[figure] === 'number').map((run) => run.case)),
];

const rowValue = ({ runs }, kind, part, figure) =>
  spread(
    runs.filter((run) => run.kind === kind && run.case === part),
    figure,
  );

/** Gaps differ in length by a start's time, so that slots are compared by share. */
const withShares = (result) => ({
  ...result,
  runs: result.runs.map((run) =>
    run.neverRan === undefined ? run : { ...run, neverRanPct: (100 * run.neverRan) / run.planned },
  ),
});
