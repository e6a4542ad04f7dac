import { parseArgs } from 'node:util';
import { ADAPTERS, type AdapterName } from './adapters/adapter.js';
import { COHERENCES, type Coherence, FAULT_KINDS, type FaultKind, faultsOf } from './history.js';

/** What the check was asked to do. */
export interface CheckArguments {
  readonly processes: number;
  readonly seconds: number;
  readonly keys: number;
  readonly seed: number;
  readonly readers: number;
  readonly writers: number;
  readonly pauseMs: number;
  readonly rate: number;
  readonly adapter: AdapterName;
  /** Null leaves holdfast's default. */
  readonly coherence: Coherence | null;
  readonly faults: readonly FaultKind[];
  /** Whether Redis is a cluster of three masters. */
  readonly cluster: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
}

/** The command line cannot be understood. */
export class CheckUsageError extends Error {}

export const helpText = `Usage: npm run check:coherence -- [options]

Has several processes read and write a few hot rows through one Redis and one PostgreSQL, started for
the purpose, and judges what they saw: reads older than a write that was acknowledged before, or than
another read before; reads of values that were never committed; writes lost; and what is still stale
when all is quiet. Exit code 1 when there was any. docs/coherence-check.md says what each figure means.

  --processes N     processes (default 3)
  --seconds N       how long (default 10)
  --keys N          hot projects; users, lists and unique values in proportion (default 20)
  --readers N       readers in each process (default 16)
  --writers N       writers in each process (default 2)
  --pause N         how long a writer rests between two writes, on average, in ms (default 50)
  --rate N          reads a second in each process at most (default 20000)
  --seed N          of the choices made (default: the time)
  --coherence MODE  strict, eventual, off: what holdfast is told, and judged by (default: what it does
                    by itself, judged as strict)
  --faults LIST     what goes wrong meanwhile, separated by commas: kill, stop, redis-restart,
                    redis-pause, redis-flush, partition, pg-restart, evict, reshard; or all (default:
                    nothing)
  --cluster         a Redis Cluster of three masters; without partition and evict, and only there
                    reshard: slots move all the time
  --adapter NAME    holdfast, naive (plain cache-aside), none (no cache); default holdfast
  --verbose         each fault as it comes
  --help            this text
`;

/** @throws CheckUsageError */
export function parseCheckArguments(argv: readonly string[]): CheckArguments {
  const values = parsed(argv);
  const cluster = values['cluster'] === true;
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    processes: wholeNumber('--processes', text('processes') ?? '3', 1, 64),
    seconds: wholeNumber('--seconds', text('seconds') ?? '10', 1, 86_400),
    keys: wholeNumber('--keys', text('keys') ?? '20', 1, 10_000),
    seed: wholeNumber('--seed', text('seed') ?? String(1 + (Date.now() % 2 ** 31)), 1, 2 ** 32),
    readers: wholeNumber('--readers', text('readers') ?? '16', 0, 10_000),
    writers: wholeNumber('--writers', text('writers') ?? '2', 0, 1_000),
    pauseMs: wholeNumber('--pause', text('pause') ?? '50', 0, 60_000),
    rate: wholeNumber('--rate', text('rate') ?? '20000', 1, 10_000_000),
    adapter: adapterOf(text('adapter') ?? 'holdfast', cluster),
    coherence: values['coherence'] === undefined ? null : oneOf('--coherence', text('coherence'), COHERENCES),
    faults: faultsIn(text('faults'), cluster),
    cluster,
    verbose: values['verbose'] === true,
    help: values['help'] === true,
  };
}

function parsed(argv: readonly string[]): Record<string, string | boolean | undefined> {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        processes: option,
        seconds: option,
        keys: option,
        seed: option,
        readers: option,
        writers: option,
        pause: option,
        rate: option,
        adapter: option,
        coherence: option,
        faults: option,
        cluster: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new CheckUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function faultsIn(list: string | undefined, cluster: boolean): readonly FaultKind[] {
  if (list === undefined) return [];
  const possible = faultsOf(cluster);
  if (list === 'all') return possible;
  const named = list.split(',').map((name) => oneOf('--faults', name.trim(), FAULT_KINDS));
  const impossible = named.find((kind) => !possible.includes(kind));
  if (impossible !== undefined)
    throw new CheckUsageError(`There is no fault "${impossible}" ${cluster ? 'with' : 'without'} --cluster.`);
  return FAULT_KINDS.filter((kind) => named.includes(kind));
}

function adapterOf(name: string, cluster: boolean): AdapterName {
  const adapter = oneOf('--adapter', name, ADAPTERS);
  if (adapter === 'naive' && cluster)
    throw new CheckUsageError('Plain cache-aside knows no cluster: leave out --adapter naive or --cluster.');
  return adapter;
}

function oneOf<Name extends string>(option: string, text: string | undefined, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new CheckUsageError(`${option} is one of ${names.join(', ')}, not "${text ?? ''}".`);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= min && number <= max) return number;
  throw new CheckUsageError(`${name} is a whole number from ${min} to ${max}, not "${text}".`);
}
