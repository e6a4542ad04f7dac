import { median, type Rounds } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';

/** A row with the medians of these rounds. */
export function comparison(row: Omit<BenchRow, 'ours' | 'peerFigure' | 'rounds'>, rounds: Rounds): BenchRow {
  return { ...row, ours: median(rounds.ours), peerFigure: median(rounds.peer), rounds };
}
