import { parseArgs } from 'node:util';
import { errorCode } from '../support/error-code.js';

/** What the demo was asked to do on its command line. */
export interface DemoArguments {
  /** How long each of the two phases of traffic lasts. @default 5 */
  readonly seconds: number;
  /** How many readers run at the same time. @default 50 */
  readonly readers: number;
  /** Only print the help text. @default false */
  readonly help: boolean;
}

/** The command line cannot be understood; the message says which part and what is allowed. */
export class UsageError extends Error {
  constructor(message: string) {
    super(`${message}\nTry: npm run demo -- --help`);
    this.name = 'UsageError';
  }
}

const maxSeconds = 3600;
const maxReaders = 10_000;

export const helpText = `Usage: npm run demo -- [options]

Imports the packages under node_modules into PostgreSQL, serves skewed read traffic through the
repositories with the cache off and then on, and prints what that made of speed and SQL.

  --seconds N   length of each phase of traffic, above 0 and at most ${maxSeconds} (default 5)
  --readers N   readers at the same time, 1 to 10,000 (default 50)
  --help        this text

Without DATABASE_URL it starts a PostgreSQL of its own and removes it at the end; without REDIS_URL
a Redis of its own, if this machine has one. Every other variable: docs/configuration.md.
`;

/** Reads the arguments after the script's name. Throws UsageError. */
export function parseDemoArguments(argv: readonly string[]): DemoArguments {
  const values = parseStrictly(argv);
  return {
    seconds: positiveNumber('--seconds', values.seconds ?? '5', maxSeconds),
    readers: positiveInteger('--readers', values.readers ?? '50', maxReaders),
    help: values.help ?? false,
  };
}

function parseStrictly(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        seconds: { type: 'string' },
        readers: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    if (errorCode(error)?.startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(firstSentence((error as Error).message));
    }
    throw error;
  }
}

/** Node adds advice on positional arguments after the first sentence; the demo takes none. */
function firstSentence(message: string): string {
  const end = message.search(/\.\s|\n/);
  return `${end === -1 ? message : message.slice(0, end)}.`;
}

function positiveNumber(flag: string, text: string, max: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value <= max)) {
    throw new UsageError(`${flag} ${text}: expected a number above 0 and at most ${max}.`);
  }
  return value;
}

function positiveInteger(flag: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= max)) {
    throw new UsageError(`${flag} ${text}: expected a whole number from 1 to ${max}.`);
  }
  return value;
}
