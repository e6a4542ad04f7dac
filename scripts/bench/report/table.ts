import { renderTable } from '../../support/table.js';
import { type BenchRow, judgedFigure, meetsTarget, type Target } from './row.js';

/** The rows as a table, and under it what else did not hold. */
export function tableOf(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => [
    row.path,
    row.peer,
    figure(row.ours, row.unit),
    row.peerFigure === null ? '-' : figure(row.peerFigure, row.unit),
    judgedText(row),
    targetText(row),
    meetsTarget(row) ? 'ok' : 'SHORT',
  ]);
  const header = ['path', 'against', 'ours', 'theirs', 'result', 'target', ''];
  const table = renderTable(header, lines, ['left', 'left', 'right', 'right', 'right', 'right', 'left']);
  const broken = rows.flatMap((row) =>
    (row.checks ?? []).filter(({ holds }) => !holds).map(({ what }) => `${row.id}: not true: ${what}`),
  );
  return [table, ...(broken.length === 0 ? [] : ['', ...broken])].join('\n');
}

/** In one line, how many rows meet their target, and which do not. */
export function verdictOf(rows: readonly BenchRow[]): string {
  const short = rows.filter((row) => !meetsTarget(row)).map(({ id }) => id);
  if (short.length === 0) return `All ${rows.length} targets are met.`;
  return `${rows.length - short.length} of ${rows.length} targets are met; short: ${short.join(', ')}.`;
}

/** What the target is about, as the table has it: a ratio, or a figure with its unit. */
export function judgedText(row: BenchRow): string {
  const judged = judgedFigure(row);
  return row.judged === 'ratio' ? `${digits(judged)}x` : figure(judged, row.unit);
}

export function targetText({ target, judged, unit }: BenchRow): string {
  const bound = boundOf(target);
  const text = judged === 'ratio' ? `${bound}x` : `${bound} ${unit}`;
  return 'atLeast' in target ? `>= ${text}` : `<= ${text}`;
}

export function boundOf(target: Target): number {
  return 'atLeast' in target ? target.atLeast : target.atMost;
}

function figure(value: number, unit: string): string {
  return Number.isNaN(value) ? '-' : `${digits(value)} ${unit}`;
}

/** Three digits that tell something: 0.0731, 1.15, 48.2, 254,000. */
function digits(value: number): string {
  if (Number.isNaN(value)) return '-';
  return new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(value);
}
