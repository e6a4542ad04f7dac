import { parseArgs } from 'node:util';
import { CATEGORIES, type Category } from './scenario.js';

/** What the benchmark was asked to do. */
export interface BenchArguments {
  /** Names of scenarios; empty for all that belong to the table. */
  readonly names: readonly string[];
  readonly category: Category | null;
  /** The row that alone is wanted; its scenario is run. */
  readonly only: string | null;
  readonly rounds: number;
  /** The folder of the results. */
  readonly out: string;
  readonly help: boolean;
}

/** The command line cannot be understood; the message says in a line what is wrong. */
export class BenchUsageError extends Error {}

const MAX_ROUNDS = 100;

export function helpText(names: readonly string[]): string {
  return `Usage: npm run bench -- [names] [options]
       npm run test:performance -- --category=cache

Measures the built package beside what others do for the same, on a PostgreSQL and a Redis of its own,
and prints a table with targets. Exit code 1 where one is not met.

  names             of scenarios: ${wrapped(names)}
                    (default: all that belong to the table)
  --category NAME   those of one category: ${CATEGORIES.join(', ')}
  --only ID         the row with this id alone
  --rounds N        how often each side is measured, 1 to ${MAX_ROUNDS} (default 5); the table has the medians
  --out FOLDER      where results.json, results.txt and results.svg go (default bench-results)
  --help            this text
`;
}

/** @throws BenchUsageError */
export function parseBenchArguments(argv: readonly string[], known: readonly string[]): BenchArguments {
  const { values, positionals } = parsed(argv);
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new BenchUsageError(`There is no scenario "${unknown}". There are ${known.join(', ')}.`);
  return {
    names: positionals,
    category: categoryOf(values.category),
    only: values.only ?? null,
    rounds: roundsOf(values.rounds ?? '5'),
    out: values.out ?? 'bench-results',
    help: values.help ?? false,
  };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        category: { type: 'string' },
        only: { type: 'string' },
        rounds: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // Node's advice after the first sentence is about other programs.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new BenchUsageError(sentence, { cause: error });
  }
}

function categoryOf(text: string | undefined): Category | null {
  if (text === undefined) return null;
  const found = CATEGORIES.find((category) => category === text);
  if (found !== undefined) return found;
  throw new BenchUsageError(`--category is one of ${CATEGORIES.join(', ')}, not "${text}".`);
}

function roundsOf(text: string): number {
  const rounds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new BenchUsageError(`--rounds is a whole number from 1 to ${MAX_ROUNDS}, not "${text}".`);
}

/** A long list of words, in lines that stand under each other. */
function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 58) lines.push(word);
    else lines[lines.length - 1] = `${last}, ${word}`;
  }
  return lines.join(',\n                    ');
}
