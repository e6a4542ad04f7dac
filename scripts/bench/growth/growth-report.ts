import { formatCount, formatMs } from '../../support/format.js';
import { renderTable } from '../../support/table.js';
import type { GrowthFigure } from './measure-growth.js';
import { DIMENSIONS, type Dimension, PATHS, TITLES } from './points.js';

/** A table for each figure that was made larger: what each path came to, by its value. */
export function growthTables(figures: readonly GrowthFigure[]): string {
  const tables = DIMENSIONS.filter((dimension) => figures.some((one) => one.dimension === dimension)).map(
    (dimension) => tableOf(dimension, figures),
  );
  const unsound = figures.filter(({ isSound }) => !isSound);
  if (unsound.length === 0) return tables.join('\n\n');
  const notes = unsound.map(
    ({ dimension, value, path, errors, asSaid }) =>
      `* ${TITLES[dimension]} ${formatCount(value)}, ${path}: ${errors} errors, ` +
      `${(asSaid * 100).toFixed(0)} % of the reads came from there`,
  );
  return `${tables.join('\n\n')}\n\n${notes.join('\n')}`;
}

function tableOf(dimension: Dimension, figures: readonly GrowthFigure[]): string {
  const mine = figures.filter((one) => one.dimension === dimension);
  const values = [...new Set(mine.map(({ value }) => value))];
  const lines = values.map((value) => [
    formatCount(value),
    ...PATHS.map((path) => cellOf(mine.find((one) => one.value === value && one.path === path))),
  ]);
  return renderTable([TITLES[dimension], ...PATHS.map((path) => `${path}: ops/s, p50`)], lines);
}

function cellOf(figure: GrowthFigure | undefined): string {
  if (figure === undefined) return '-';
  const { opsPerSecond, p50Ms, isSound } = figure;
  return `${formatCount(opsPerSecond)}, ${formatMs(p50Ms)}${isSound ? '' : ' *'}`;
}
