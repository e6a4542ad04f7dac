import { loadEcharts } from '../peers.js';
import type { GrowthFigure } from './measure-growth.js';
import { DIMENSIONS, type Dimension, PATHS, TITLES } from './points.js';

const WIDTH = 1_100;
const HEIGHT = 820;
const COLOURS = ['#2f7d5b', '#3b6fb6', '#c98a1b', '#8a8a8a'];
/** Where the four panels stand. */
const PANELS = [
  { left: 95, top: 140 },
  { left: 645, top: 140 },
  { left: 95, top: 500 },
  { left: 645, top: 500 },
] as const;
const PANEL = { width: 420, height: 250 } as const;

/** Lines of the throughput of each path, by what was made larger: a panel for each, both axes logarithmic. */
export async function growthChart(figures: readonly GrowthFigure[], subtitle: string): Promise<string> {
  const { init } = await loadEcharts();
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption(optionOf(figures, subtitle));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionOf(figures: readonly GrowthFigure[], subtext: string): object {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    color: COLOURS,
    title: { text: 'Reads per second, as one thing grows', subtext, left: 20, top: 10 },
    legend: { data: [...PATHS], top: 65, left: 20, itemGap: 24 },
    grid: PANELS.map((place) => ({ ...place, ...PANEL })),
    xAxis: DIMENSIONS.map((dimension, panel) => ({
      gridIndex: panel,
      type: 'category',
      data: valuesOf(dimension, figures).map((value) => value.toLocaleString('en-US')),
      name: TITLES[dimension],
      nameLocation: 'middle',
      nameGap: 28,
    })),
    yAxis: DIMENSIONS.map((_, panel) => ({ gridIndex: panel, type: 'log', name: 'ops/s' })),
    series: DIMENSIONS.flatMap((dimension, panel) =>
      PATHS.map((path, colour) => ({
        name: path,
        type: 'line',
        xAxisIndex: panel,
        yAxisIndex: panel,
        symbolSize: 7,
        itemStyle: { color: COLOURS[colour] },
        data: valuesOf(dimension, figures).map(
          (value) =>
            figures.find((one) => one.dimension === dimension && one.value === value && one.path === path)
              ?.opsPerSecond ?? null,
        ),
      })),
    ),
  };
}

function valuesOf(dimension: Dimension, figures: readonly GrowthFigure[]): readonly number[] {
  return [...new Set(figures.filter((one) => one.dimension === dimension).map(({ value }) => value))];
}
