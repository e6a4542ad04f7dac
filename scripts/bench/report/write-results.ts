import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chartOf } from './chart.js';
import type { Machine } from './machine.js';
import { type BenchRow, judgedFigure, meetsTarget } from './row.js';
import { tableOf, verdictOf } from './table.js';

/** A run and what it was made on. */
export interface RunFacts {
  readonly date: Date;
  readonly rounds: number;
  readonly machine: Machine;
  readonly postgres: string;
  readonly redis: string;
}

/** Writes `results.json`, `results.txt` and `results.svg` into a folder; gives their paths. */
export async function writeResults(
  folder: string,
  rows: readonly BenchRow[],
  facts: RunFacts,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const files = {
    'results.json': `${JSON.stringify(documentOf(rows, facts), null, 2)}\n`,
    'results.txt': `${factsLine(facts)}\n\n${tableOf(rows)}\n\n${verdictOf(rows)}\n`,
    'results.svg': await chartOf(rows, factsLine(facts)),
  };
  const written: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await writeFile(file, text);
    written.push(file);
  }
  return written;
}

/** What a later run is compared with. */
function documentOf(rows: readonly BenchRow[], { date, machine, ...facts }: RunFacts): object {
  return {
    date: date.toISOString(),
    ...machine,
    ...facts,
    rows: rows.map((row) => ({ ...row, judgedFigure: judgedFigure(row), meetsTarget: meetsTarget(row) })),
  };
}

export function factsLine({ date, rounds, machine, postgres, redis }: RunFacts): string {
  const { commit, node, cpu, cores, memoryGiB } = machine;
  const of = commit === null ? '' : ` of ${commit}`;
  return (
    `${date.toISOString().slice(0, 10)}${of}, ${rounds} rounds; ${cpu}, ${cores} cores, ${memoryGiB} GiB; ` +
    `Node ${node}, PostgreSQL ${postgres}, Redis ${redis}`
  );
}
