import { parseArgs } from 'node:util';
import { ADAPTERS, type AdapterName } from './adapters.js';

/** What the check was asked to do. */
export interface CheckArguments {
  readonly processes: number;
  readonly seconds: number;
  readonly keys: number;
  readonly seed: number;
  readonly adapter: AdapterName;
  readonly help: boolean;
}

/** The command line cannot be understood. */
export class CheckUsageError extends Error {}

export const helpText = `Usage: npm run check:coherence -- [options]

Has several processes read and write a few hot rows through one Redis and one PostgreSQL, started for
the purpose, and judges what they saw: reads older than a write that was acknowledged before, or than
another read before; reads of values that were never committed. Exit code 1 when there was one.

  --processes N   processes (default 3)
  --seconds N     how long (default 10)
  --keys N        hot rows (default 20)
  --seed N        of the choices made (default: the time)
  --adapter NAME  holdfast, naive (plain cache-aside), none (no cache); default holdfast
  --help          this text
`;

/** @throws CheckUsageError */
export function parseCheckArguments(argv: readonly string[]): CheckArguments {
  const option = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        processes: option,
        seconds: option,
        keys: option,
        seed: option,
        adapter: option,
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new CheckUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  const adapter = ADAPTERS.find((name) => name === (values['adapter'] ?? 'holdfast'));
  if (adapter === undefined) throw new CheckUsageError(`--adapter is one of ${ADAPTERS.join(', ')}.`);
  return {
    processes: wholeNumber('--processes', values['processes'] ?? '3', 64),
    seconds: wholeNumber('--seconds', values['seconds'] ?? '10', 86_400),
    keys: wholeNumber('--keys', values['keys'] ?? '20', 100_000),
    seed: wholeNumber('--seed', values['seed'] ?? String(1 + (Date.now() % 2 ** 31)), 2 ** 32),
    adapter,
    help: values['help'] === true,
  };
}

function wholeNumber(name: string, text: string | boolean, max: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= max) return number;
  throw new CheckUsageError(`${name} is a whole number from 1 to ${max}, not "${text}".`);
}
