import { randomBytes } from 'node:crypto';
import { KeySpace } from '../../../src/cache/keys.js';
import type { SharedStore } from '../../../src/cache/store/shared-store.js';
import { eventually } from '../eventually.js';
import { type Client, type Probe, probe } from './clients.js';
import { interleavings } from './interleavings.js';
import { type Situation, World } from './world.js';

/** Where the runs take place. */
export interface Arena {
  readonly store: SharedStore;
  /** Takes keys away behind the store's back. */
  lose(keys: readonly string[]): Promise<void>;
}

/** What the store holds when a run begins: nothing; the versions only; or the entry. */
export type Start = 'cold' | 'versions' | 'warm';

export interface RunOptions {
  /** How a run begins, and who looks after each step. @default every start with every probe */
  readonly views?: readonly (readonly [Start, Probe])[];
  /** Whether no answer may be older than an earlier one; false where nothing fences, or a fence is lost. @default true */
  readonly inversionsToo?: boolean;
  /** Whether a client ends early, so that its fence or lease has to end by itself. @default false */
  readonly expiring?: boolean;
}

const STARTS: readonly Start[] = ['cold', 'versions', 'warm'];
const PROBES: readonly Probe[] = ['nobody', 'looking', 'filling'];
const ALL_VIEWS = STARTS.flatMap((start) => PROBES.map((kind) => [start, kind] as const));
// As many runs as share the connection at a time; each has keys of its own, those of the namespace included.
const AT_ONCE = 200;

/** Runs all orders of the clients' steps, and tells what went wrong, each with its order; and how many there were. */
export async function runOrders(
  arena: Arena,
  situation: Situation,
  clients: readonly Client[],
  options: RunOptions = {},
): Promise<{ readonly problems: readonly string[]; readonly runs: number }> {
  const runs: (() => Promise<readonly string[]>)[] = [];
  for (const order of interleavings(clients.map(({ length }) => length)))
    for (const [start, kind] of options.views ?? ALL_VIEWS)
      runs.push(() => run(arena, situation, clients, order, start, kind, options));
  const problems: string[] = [];
  for (let first = 0; first < runs.length; first += AT_ONCE) {
    const some = await Promise.all(runs.slice(first, first + AT_ONCE).map((one) => one()));
    problems.push(...some.flat());
  }
  return { problems: problems.slice(0, 5), runs: runs.length };
}

async function run(
  arena: Arena,
  situation: Situation,
  clients: readonly Client[],
  order: readonly number[],
  start: Start,
  kind: Probe,
  { inversionsToo = true, expiring = false }: RunOptions,
): Promise<readonly string[]> {
  const keys = new KeySpace(`order-${randomBytes(9).toString('hex')}`);
  const world = new World(situation, keys, arena.store, (lost) => arena.lose(lost));
  world.expiring = expiring;
  await prepare(world, start);
  const waiting = clients.map((client) => [...client.steps(world)]);
  const done: string[] = [];
  for (const client of order) {
    const step = waiting[client]?.shift();
    if (step === undefined) throw new Error('The order names a step that there is not.');
    world.step += 1;
    done.push(step.name);
    await step.run();
    await probe(kind, world);
  }
  if (expiring) await untilExpired(world);
  await world.judgeEnd();
  return world
    .judge(inversionsToo)
    .map((problem) => `${situation.name}, ${start}, ${kind} between: ${done.join(' -> ')}: ${problem}`);
}

async function prepare(world: World, start: Start): Promise<void> {
  if (start === 'cold') return;
  const { versions } = await world.read('before');
  await world.fill('before', versions, start === 'warm' ? world.version : null);
}

/** What a client has left behind that ended early goes by itself: some reader then fills, and the next one has a hit. */
async function untilExpired(world: World): Promise<void> {
  await eventually(
    async () => {
      world.step += 1;
      const token = `the reader at ${world.step}`;
      const { outcome, versions } = await world.read(token);
      const version = world.versionOf(outcome);
      world.answered(token, world.step, version ?? world.version);
      if (outcome.kind === 'lease') await world.fill(token, versions, world.version);
      return version;
    },
    (version) => version !== null,
  );
}
