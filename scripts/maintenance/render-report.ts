import type { TableReport } from '../../src/maintenance/index.js';
import { formatBytes, formatCount, formatQuantity, formatShare } from '../support/format.js';
import { renderTable } from '../support/table.js';

const unknown = '?';
const minuteMs = 60_000;

/** The state of the tables, and below it what is due and why. */
export function renderTableReports(reports: readonly TableReport[], now: Date): string {
  if (reports.length === 0) return 'There are no tables.';
  const header = [
    'table',
    'rows',
    'dead',
    'share',
    'size',
    'indexes',
    'bloat ≈',
    'vacuumed',
    'analyzed',
    'xid age',
    'due',
  ];
  const rows = reports.map((report) => [
    report.table,
    figure(report.rows, formatCount),
    figure(report.deadTuples, formatCount),
    figure(report.deadShare, formatShare),
    figure(report.tableBytes, bytes),
    figure(report.indexBytes, bytes),
    figure(report.bloatBytes, bytes),
    latest(report.lastVacuum, report.lastAutovacuum, now),
    latest(report.lastAnalyze, report.lastAutoanalyze, now),
    report.xidAge === null ? unknown : formatShare(report.xidAge / report.freezeMaxAge),
    report.due.map(({ operation }) => operation).join(', '),
  ]);
  const alignments = ['left', ...Array<'right'>(header.length - 2).fill('right'), 'left'] as const;
  const parts = [renderTable(header, rows, alignments)];
  const notes = reports.flatMap(notesOf);
  parts.push(notes.length === 0 ? 'Nothing is due.' : notes.join('\n'));
  const due = reports.filter((report) => report.due.length > 0).length;
  if (due > 0) parts.push(`${formatQuantity(due, 'table')} due. To do it: npm run maintenance`);
  parts.push(
    'xid age: the share of the age at which autovacuum freezes by force. a: by autovacuum. ?: not known.',
  );
  return parts.join('\n\n');
}

function notesOf({ table, due, invalidIndexes }: TableReport): string[] {
  return [
    ...due.map(({ operation, reason }) => `${table}: ${operation}, for ${reason}`),
    ...invalidIndexes.map((index) => `${table}: the index ${index} is invalid, so no query uses it`),
  ];
}

function figure(value: number | null, format: (value: number) => string): string {
  return value === null ? unknown : format(value);
}

function bytes(value: number): string {
  return formatBytes(BigInt(Math.round(value)));
}

function latest(manual: Date | null, automatic: Date | null, now: Date): string {
  const isAutomatic = (automatic?.getTime() ?? 0) > (manual?.getTime() ?? 0);
  const last = isAutomatic ? automatic : manual;
  return last === null ? 'never' : `${ago(now.getTime() - last.getTime())}${isAutomatic ? ' a' : ''}`;
}

/** Milliseconds in the largest unit that leaves at least one: "3 d", "5 h", "12 min", "now". */
function ago(durationMs: number): string {
  const minutes = Math.floor(durationMs / minuteMs);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h` : `${formatCount(Math.floor(hours / 24))} d`;
}
