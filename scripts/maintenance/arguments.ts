import { parseArgs } from 'node:util';
import { errorCode } from '../support/error-code.js';

/** The commands, by the names of their npm scripts. */
const scripts = {
  run: 'maintenance',
  vacuum: 'maintenance:vacuum',
  analyze: 'maintenance:analyze',
  reindex: 'maintenance:reindex',
  report: 'maintenance:report',
} as const;

export type MaintenanceCommand = keyof typeof scripts;

/** What the command line asks for. Undefined is left to the library's defaults. */
export interface MaintenanceArguments {
  readonly command: MaintenanceCommand;
  readonly tables: readonly string[] | undefined;
  readonly analyze: boolean;
  readonly freeze: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly lockTimeoutMs: number | undefined;
  readonly statementTimeoutMs: number | undefined;
  readonly help: boolean;
}

/** The command line cannot be understood; the message says which part, and where help is. */
export class UsageError extends Error {
  constructor(message: string, command: MaintenanceCommand = 'run') {
    super(`${message}\nTry: npm run ${scripts[command]} -- --help`);
    this.name = 'UsageError';
  }
}

const common = {
  table: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  'lock-timeout-ms': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const work = {
  ...common,
  'statement-timeout-ms': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;
const vacuum = { ...work, analyze: { type: 'boolean' }, freeze: { type: 'boolean' } } as const;

const strict = { strict: true, allowPositionals: false } as const;

const parsers: Readonly<Record<MaintenanceCommand, (args: string[]) => Values>> = {
  run: (args) => parseArgs({ args, ...strict, options: work }).values,
  vacuum: (args) => parseArgs({ args, ...strict, options: vacuum }).values,
  analyze: (args) => parseArgs({ args, ...strict, options: work }).values,
  reindex: (args) => parseArgs({ args, ...strict, options: work }).values,
  report: (args) => parseArgs({ args, ...strict, options: common }).values,
};

const purposes: Readonly<Record<MaintenanceCommand, string>> = {
  run: 'Does what is due: VACUUM by dead tuples, ANALYZE by changed rows and age of the statistics, FREEZE by\nage of the rows. What counts as due: docs/maintenance.md.',
  vacuum: 'Frees the space of dead tuples, one table at a time, while the database is in use.',
  analyze: 'Renews the statistics by which PostgreSQL plans queries, one table at a time.',
  reindex:
    'Builds the indexes anew, CONCURRENTLY, one table at a time. Only with DB_ENABLE_REINDEX=true, since it\ntakes as much space again while it runs.',
  report: 'Shows rows, dead tuples, sizes, bloat, age and what is due, table by table. Changes nothing.',
};

/** The help text of one command. */
export function helpText(command: MaintenanceCommand): string {
  const lines = [
    ['--table NAME', 'only this table, may be repeated; as in SQL: users, audit.events, \'"Odd Name"\''],
    ...(command === 'vacuum'
      ? [
          ['--analyze', "renew the planner's statistics in the same pass"],
          ['--freeze', 'freeze every row that can be, which resets the age of the table'],
        ]
      : []),
    ...(command === 'report' ? [] : [['--dry-run', 'only show the statements that would run']]),
    ['--lock-timeout-ms N', `wait this long for a lock (default ${command === 'report' ? '250' : '5,000'})`],
    ...(command === 'report'
      ? []
      : [['--statement-timeout-ms N', 'at most this long per table, 0 for no limit (default 3,600,000)']]),
    ['--json', 'print the result as JSON and nothing else'],
    ['--help', 'this text'],
  ];
  const options = lines.map(([flag = '', meaning = '']) => `  ${flag.padEnd(26)}${meaning}`).join('\n');
  return `Usage: npm run ${scripts[command]} -- [options]

${purposes[command]}

${options}

The database is that of DIRECT_DATABASE_URL, or else DATABASE_URL. Exit code: 0 when all went well, 1 when a table
could not be done or nothing could, 2 for a wrong option, 130 after Ctrl-C.
`;
}

/** Reads the command and its options. Throws UsageError. */
export function parseMaintenanceArguments(argv: readonly string[]): MaintenanceArguments {
  const [name = '', ...rest] = argv;
  if (!isCommand(name)) {
    throw new UsageError(`Unknown command '${name}'. Expected one of ${Object.keys(scripts).join(', ')}.`);
  }
  const values: Values = parseStrictly(name, rest);
  return {
    command: name,
    tables: values.table,
    analyze: values.analyze ?? false,
    freeze: values.freeze ?? false,
    dryRun: values['dry-run'] ?? false,
    json: values.json ?? false,
    lockTimeoutMs: milliseconds(name, '--lock-timeout-ms', values['lock-timeout-ms'], 1),
    statementTimeoutMs: milliseconds(name, '--statement-timeout-ms', values['statement-timeout-ms'], 0),
    help: values.help ?? false,
  };
}

interface Values {
  readonly table?: string[] | undefined;
  readonly analyze?: boolean | undefined;
  readonly freeze?: boolean | undefined;
  readonly 'dry-run'?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly 'lock-timeout-ms'?: string | undefined;
  readonly 'statement-timeout-ms'?: string | undefined;
  readonly help?: boolean | undefined;
}

function isCommand(name: string): name is MaintenanceCommand {
  return Object.hasOwn(scripts, name);
}

function parseStrictly(command: MaintenanceCommand, args: readonly string[]): Values {
  try {
    return parsers[command]([...args]);
  } catch (error) {
    if (errorCode(error)?.startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(firstSentence((error as Error).message), command);
    }
    throw error;
  }
}

/** Node adds advice on positional arguments after the first sentence; these commands take none. */
function firstSentence(message: string): string {
  const end = message.search(/\.\s|\n/);
  return `${end === -1 ? message.replace(/\.$/, '') : message.slice(0, end)}.`;
}

const maxTimeoutMs = 2_147_483_647;

function milliseconds(
  command: MaintenanceCommand,
  flag: string,
  text: string | undefined,
  min: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= maxTimeoutMs) return value;
  throw new UsageError(
    `${flag} ${text}: expected whole milliseconds from ${min} to ${maxTimeoutMs}.`,
    command,
  );
}
