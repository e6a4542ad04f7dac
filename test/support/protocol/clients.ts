import type { Versions } from '../../../src/cache/store/shared-store.js';
import type { World } from './world.js';

/** One step of a client, and what it is called in a report. */
export interface Step {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** Someone who works on the row in steps that others may come between. */
export interface Client {
  readonly name: string;
  /** How many steps it takes. */
  readonly length: number;
  readonly steps: (world: World) => readonly Step[];
}

/** Reads as the cache does: asks, loads what is missing, fills what was leased. */
export function reader(name: string, leaseMs?: number): Client {
  return {
    name,
    length: 3,
    steps: (world) => {
      let began = 0;
      let answered = false;
      let leased: Versions | null = null;
      let loaded = 0;
      return [
        {
          name: `${name} asks`,
          run: async () => {
            began = world.step;
            const { outcome, versions } = await world.read(name, leaseMs);
            const version = world.versionOf(outcome);
            answered = version !== null;
            if (version !== null) world.answered(name, began, version);
            if (outcome.kind === 'lease') leased = versions;
          },
        },
        {
          name: `${name} loads`,
          run: async () => {
            if (answered) return;
            loaded = world.version;
            world.answered(name, began, loaded);
          },
        },
        {
          name: `${name} fills`,
          run: async () => {
            if (leased !== null) await world.fill(name, leased, loaded);
          },
        },
      ];
    },
  };
}

/** Writes as the cache does: fences, commits, lifts. */
export function writer(name: string, fenceMs?: number): Client {
  return {
    name,
    length: 3,
    steps: (world) => {
      let written = 0;
      return [
        { name: `${name} fences`, run: () => world.fence(name, fenceMs) },
        {
          name: `${name} commits`,
          run: async () => {
            written = world.commit(name);
          },
        },
        { name: `${name} lifts`, run: () => world.lift(name, written) },
      ];
    },
  };
}

/** A write that is rolled back: the row stays as it is. */
export function rollback(name: string): Client {
  return {
    name,
    length: 2,
    steps: (world) => [
      { name: `${name} fences`, run: () => world.fence(name) },
      { name: `${name} lifts after its rollback`, run: () => world.lift(name, 0) },
    ],
  };
}

/** A commit by someone who knows nothing of the cache, and the relay that hears of it. */
export function otherWriter(name: string): Client {
  return {
    name,
    length: 2,
    steps: (world) => {
      let written = 0;
      return [
        {
          name: `${name} commits`,
          run: async () => {
            written = world.commit(name);
          },
        },
        { name: `the relay invalidates for ${name}`, run: () => world.lift(`relay of ${name}`, written) },
      ];
    },
  };
}

/** Something is lost, once. */
export function loss(what: 'fences' | 'entry' | 'versions' | 'everything'): Client {
  return {
    name: `loss of ${what}`,
    length: 1,
    steps: (world) => [{ name: `(${what} lost)`, run: () => world.lose(what) }],
  };
}

/** The same client, which ends after some of its steps. */
export function crashing(client: Client, after: number): Client {
  return {
    name: `${client.name} (ends after ${after})`,
    length: after,
    steps: (world) => client.steps(world).slice(0, after),
  };
}

/** Who looks after each step: nobody; one who gives its lease back; or one who reads to the end, and fills. */
export type Probe = 'nobody' | 'looking' | 'filling';

export async function probe(kind: Probe, world: World): Promise<void> {
  if (kind === 'nobody') return;
  world.step += 1;
  const token = `probe at ${world.step}`;
  const { outcome, versions } = await world.read(token);
  const version = world.versionOf(outcome);
  if (kind === 'looking') {
    if (version !== null) world.answered(token, world.step, version);
    if (outcome.kind === 'lease') await world.fill(token, versions, null);
    return;
  }
  world.answered(token, world.step, version ?? world.version);
  if (outcome.kind === 'lease') await world.fill(token, versions, world.version);
}
