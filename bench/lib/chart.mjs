/**
 * How a picture looks: transparent, with tones that can be read on white and on near-black (contrast about 4.3 on both),
 * because pages show it on either. Rendered to SVG without a browser.
 */
import { init } from 'echarts';
import { machineLine } from './machine.mjs';
import { round } from './numbers.mjs';
import { spread } from './results.mjs';

const WIDTH = 780;
const TEXT = '#737b85';
const GRID = 'rgba(115, 123, 133, 0.25)';
const FONT =
  "-apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif";
const COLORS = {
  redis: '#0e8a6d',
  embedded: '#35b596',
  bullmq: '#d9605f',
  'bullmq-hz100': '#e8a09f',
  'bullmq-tuned': '#e8a09f',
  graphile: '#8c73d6',
  pgboss: '#5b8def',
  croner: '#c4922a',
  timeout: '#8a929c',
};

/** `axis`: what the values are. `options(look)` answers echarts' own, to which title, legend and font are added. */
export function svg(result, { title, axis, height, legend = false }, options) {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: TEXT },
    title: {
      left: 8,
      top: 6,
      text: title,
      subtext: `${axis}; median of ${result.size.rounds}\n${machineLine(result)}`,
      textStyle: { fontSize: 16, fontWeight: 600, color: TEXT, fontFamily: FONT },
      subtextStyle: { fontSize: 11, lineHeight: 16, color: TEXT, fontFamily: FONT },
    },
    ...(legend
      ? {
          legend: {
            left: 8,
            top: 66,
            itemWidth: 14,
            itemHeight: 8,
            textStyle: { color: TEXT, fontSize: 12 },
          },
        }
      : {}),
    ...options({ valueAxis, categoryAxis, label, whiskers, color, isOurs }),
  });
  const text = chart.renderToSVGString();
  chart.dispose();
  // A name for those who do not see it.
  return `${text.replace(/^<svg /, `<svg role="img" aria-label="${title}" `)}\n`;
}

/** Kinds of a result that have a figure, with its spread over all runs, in the order measured. */
export function kindsOf(result, figure) {
  const kinds = [...new Set(result.runs.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const value = spread(
      result.runs.filter((run) => run.kind === kind),
      figure,
    );
    return value === null ? [] : [{ kind, value }];
  });
}

const color = (kind) => COLORS[kind] ?? TEXT;
const isOurs = (kind) => kind === 'redis' || kind === 'embedded';

function valueAxis({ log = false, max } = {}) {
  return {
    type: log ? 'log' : 'value',
    max,
    axisLabel: { color: TEXT, formatter: (value) => value.toLocaleString('en') },
    splitLine: { lineStyle: { color: GRID } },
    minorSplitLine: { show: false },
  };
}

function categoryAxis(data) {
  return {
    type: 'category',
    data,
    axisLabel: { color: TEXT, fontSize: 12 },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: TEXT } },
  };
}

const words = (value) => round(value, value >= 100 ? 0 : 1).toLocaleString('en');

/** The value of a bar, above it. */
function label() {
  const text = ({ value }) => (value === null ? '' : words(value));
  return { show: true, color: TEXT, fontSize: 12, formatter: text, position: 'top' };
}

/** Range of each bar of a horizontal bar chart, from the least to the most, and behind it the median. */
function whiskers(values) {
  return {
    type: 'custom',
    silent: true,
    z: 5,
    data: values.map(({ least, most, median }, n) => [n, least, most, median]),
    encode: { x: [1, 2], y: 0 },
    renderItem(_params, api) {
      const from = api.coord([api.value(1), api.value(0)]);
      const to = api.coord([api.value(2), api.value(0)]);
      const style = { stroke: TEXT, lineWidth: 1.2 };
      const line = (x1, y1, x2, y2) => ({ type: 'line', shape: { x1, y1, x2, y2 }, style });
      const range = [
        line(from[0], from[1], to[0], to[1]),
        line(from[0], from[1] - 4, from[0], from[1] + 4),
        line(to[0], to[1] - 4, to[0], to[1] + 4),
      ];
      return {
        type: 'group',
        children: [
          ...(from[0] === to[0] ? [] : range),
          {
            type: 'text',
            x: to[0] + 8,
            y: to[1],
            style: { text: words(api.value(3)), fill: TEXT, font: `12px ${FONT}`, verticalAlign: 'middle' },
          },
        ],
      };
    },
  };
}
