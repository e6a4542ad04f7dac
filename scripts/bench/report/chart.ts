import { loadEcharts } from '../peers.js';
import { type BenchRow, judgedFigure, meetsTarget } from './row.js';
import { boundOf, judgedText, targetText } from './table.js';

const WIDTH = 1_100;
const ROW_HEIGHT = 34;
/** Of the labels' font, on average. */
const CHARACTER_WIDTH = 6.2;
const FRAME_HEIGHT = 150;
const [MET, SHORT, LINE] = ['#2f7d5b', '#c4473a', '#333333'];
/** Bars end there: a row far beyond its target says no more than that. */
const [LEAST, MOST] = [0.1, 100];

/**
 * How good a row is, as a multiple of its target: 1 meets it exactly, 2 is twice as good. Of a figure that is to be small, it is
 * the target by the figure. 0 where the figure is no number.
 */
export function achieved(row: BenchRow): number {
  const judged = judgedFigure(row);
  if (Number.isNaN(judged)) return 0;
  const bound = boundOf(row.target);
  if ('atLeast' in row.target) return judged / bound;
  if (bound === 0) return judged <= 0 ? 1 : 0;
  return judged <= 0 ? Number.POSITIVE_INFINITY : bound / judged;
}

/** A bar for each row: how good it is by its target, on a logarithmic scale, with a line where it is met. */
export async function chartOf(rows: readonly BenchRow[], subtitle: string): Promise<string> {
  const { init } = await loadEcharts();
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: FRAME_HEIGHT + ROW_HEIGHT * rows.length,
  });
  try {
    chart.setOption(optionOf(rows, subtitle));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionOf(rows: readonly BenchRow[], subtext: string): object {
  const labels = rows.map(({ path, peer }) => `${path}\nagainst ${peer}`);
  const widest = Math.max(...labels.flatMap((label) => label.split('\n')).map(({ length }) => length));
  const lengths = rows.map((row) => Math.min(MOST, Math.max(LEAST, achieved(row))));
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: 'What was reached, as a multiple of the target', subtext, left: 20, top: 10 },
    // Without a canvas echarts guesses the widths of letters, and cuts labels off.
    grid: { left: 20 + widest * CHARACTER_WIDTH, right: 200, top: 80, bottom: 60 },
    xAxis: {
      type: 'log',
      // Whole powers of ten, so that the ends of the axis have round labels.
      min: 10 ** Math.floor(Math.log10(Math.min(0.5, ...lengths))),
      max: 10 ** Math.ceil(Math.log10(Math.max(2, ...lengths))),
      name: 'times the target (log scale); to the right is better',
      nameLocation: 'middle',
      nameGap: 28,
    },
    yAxis: {
      type: 'category',
      inverse: true,
      axisTick: { show: false },
      data: labels,
      axisLabel: { fontSize: 11, lineHeight: 13, align: 'right' },
    },
    series: [
      {
        type: 'bar',
        barWidth: 16,
        data: rows.map((row, n) => ({
          value: lengths[n],
          itemStyle: { color: meetsTarget(row) ? MET : SHORT },
          label: {
            show: true,
            position: 'right',
            fontSize: 11,
            formatter: `${judgedText(row)} (${targetText(row)})`,
          },
        })),
        markLine: {
          silent: true,
          symbol: 'none',
          data: [{ xAxis: 1 }],
          lineStyle: { color: LINE, type: 'solid', width: 1.5 },
          label: { formatter: 'target', position: 'start', distance: 4 },
        },
      },
    ],
  };
}
