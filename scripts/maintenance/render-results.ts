import type { TableResult } from '../../src/maintenance/index.js';
import { formatBytes, formatCount, formatMs, formatQuantity } from '../support/format.js';
import { renderTable } from '../support/table.js';

const unknown = '?';

/** What a run did, as a table and the reasons below it. Tables for which nothing was due are only counted. */
export function renderResults(results: readonly TableResult[], isDryRun: boolean): string {
  const shown = results.filter(({ reason }) => reason?.code !== 'not-due');
  const notDue = results.length - shown.length;
  const parts: string[] = [];
  if (shown.length > 0) parts.push(isDryRun ? renderPlan(shown) : renderOutcome(shown));
  const notes = shown.flatMap(notesOf);
  if (notes.length > 0) parts.push(notes.join('\n'));
  const summary = summaryOf(shown, notDue, isDryRun);
  if (summary !== '') parts.push(summary);
  return `\n${parts.join('\n\n')}`;
}

/** One table's result in one line, for where no bar can be drawn. */
export function renderResultLine(result: TableResult): string {
  const { table, status, statement, durationMs, reason } = result;
  if (status === 'done') return `${statement ?? table}: done in ${formatMs(durationMs)}`;
  if (status === 'planned') return `${statement ?? table}: would run`;
  return `${table}: ${status}, ${reason?.message ?? 'no reason given'}`;
}

function renderOutcome(results: readonly TableResult[]): string {
  const rows = results.map(({ table, status, durationMs, before, after }) => [
    table,
    status,
    durationMs > 0 ? formatMs(durationMs) : '',
    figure(before?.deadTuples, formatCount),
    figure(after?.deadTuples, formatCount),
    figure(before?.sizeBytes, bytes),
    figure(after?.sizeBytes, bytes),
  ]);
  const header = ['table', 'result', 'time', 'dead before', 'after', 'size before', 'after'];
  return renderTable(header, rows, ['left', 'left']);
}

function renderPlan(results: readonly TableResult[]): string {
  const rows = results.map(({ table, status, before, statement }) => [
    table,
    status,
    figure(before?.deadTuples, formatCount),
    figure(before?.sizeBytes, bytes),
    statement ?? '',
  ]);
  const alignments = ['left', 'left', 'right', 'right', 'left'] as const;
  return renderTable(['table', 'result', 'dead tuples', 'size', 'statement'], rows, alignments);
}

function notesOf(result: TableResult): string[] {
  const { table, due, reason, warnings, droppedIndexes, after } = result;
  const dropped = droppedIndexes.map((index) => `dropped ${index}, left by an interrupted REINDEX`);
  const remaining = after?.deadTuples ?? 0;
  const isVacuum = result.statement?.startsWith('VACUUM') === true;
  const held =
    isVacuum && remaining > 0
      ? [`${formatQuantity(remaining, 'dead tuple')} stay, as an open transaction may still see them`]
      : [];
  const notes = [...due, ...(reason === null ? [] : [reason.message]), ...warnings, ...dropped, ...held];
  return notes.map((note) => `${table}: ${note}`);
}

function summaryOf(shown: readonly TableResult[], notDue: number, isDryRun: boolean): string {
  const undone = shown.filter(({ ok, status }) => !ok && status !== 'stopped').length;
  const sentences: string[] = [];
  if (isDryRun) sentences.push('A dry run: nothing was changed.');
  if (shown.length === 0 && notDue === 0) sentences.push('There was no table to work on.');
  if (notDue > 0) {
    const which = formatQuantity(notDue, shown.length === 0 ? 'table' : 'other table');
    sentences.push(`Nothing is due for ${which}.`);
  }
  if (undone > 0) sentences.push(`${formatQuantity(undone, 'table')} could not be done.`);
  return sentences.join(' ');
}

function figure(value: number | null | undefined, format: (value: number) => string): string {
  if (value === undefined) return '';
  return value === null ? unknown : format(value);
}

function bytes(value: number): string {
  return formatBytes(BigInt(Math.round(value)));
}
