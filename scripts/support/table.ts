/** The side of its column to which a cell keeps. */
export type Alignment = 'left' | 'right';

const gap = '  ';

/**
 * A table as lines of text with a rule under the header. A row of null is an empty line between groups.
 *
 * @param alignments by column; the first column is `left` by default, all others `right`
 */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[] | null)[],
  alignments: readonly Alignment[] = ['left'],
): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row?.[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = cells[column] ?? '';
        return alignments[column] === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(gap)
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join(gap);
  return [line(header), rule, ...rows.map((row) => (row === null ? '' : line(row)))].join('\n');
}
