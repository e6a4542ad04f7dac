/** What a target asks of a figure: that it is at least, or at most, so much. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** Which of the figures of a row the target is about. */
export type Judged = 'ratio' | 'difference' | 'ours';

/** One line of the table: a path, measured against a peer in the same run. */
export interface BenchRow {
  /** Stable, in kebab-case: results of two runs are compared by it. */
  readonly id: string;
  /** What was done, in words for the table. */
  readonly path: string;
  /** The peer that did the same. */
  readonly peer: string;
  /** What the figures count: `ops/s`, `ms`, `statements`, `MB`. */
  readonly unit: string;
  /** The median of the rounds. */
  readonly ours: number;
  /** The median of the rounds; null where there is nothing to compare with. */
  readonly peerFigure: number | null;
  readonly target: Target;
  readonly judged: Judged;
  /** The figure of each round, for the JSON. */
  readonly rounds: { readonly ours: readonly number[]; readonly peer: readonly number[] };
  /** What else must hold, such as "1 Redis round trip and 1 SQL statement". */
  readonly checks?: readonly { readonly what: string; readonly holds: boolean }[];
}

/** What a row is judged by: the ratio of ours to the peer's, or the difference, or our figure alone. */
export function judgedFigure({ ours, peerFigure, judged }: BenchRow): number {
  if (judged === 'ours') return ours;
  if (peerFigure === null) return Number.NaN;
  return judged === 'ratio' ? ours / peerFigure : ours - peerFigure;
}

/** Whether the row meets its target. A figure that is no number meets none. */
export function meetsTarget(row: BenchRow): boolean {
  const figure = judgedFigure(row);
  const isWithin = 'atLeast' in row.target ? figure >= row.target.atLeast : figure <= row.target.atMost;
  return isWithin && (row.checks ?? []).every(({ holds }) => holds);
}
