import type { LedgerEntry } from '../history.js';
import { ABSENT, stateOfList } from '../states.js';
import type { Register, World } from '../world.js';
import { Timeline } from './timeline.js';

/**
 * Replays the ledger: what each register was in, commit by commit. What a transaction left and took back again before
 * its end was never to be seen, and makes no version.
 *
 * @param before the entries that say what the rows were in when the load began
 * @param writeOf which write made the transaction with these entries
 */
export function timelinesOf(
  world: World,
  before: readonly LedgerEntry[],
  ledger: readonly LedgerEntry[],
  writeOf: (transaction: readonly LedgerEntry[]) => number,
): readonly Timeline[] {
  const rows = new Rows(world);
  for (const entry of before) rows.apply(entry);
  const timelines = world.registers.map(
    (register) => new Timeline(rows.stateOf(register), rows.shownBy(register)),
  );

  for (const transaction of transactionsOf(ledger)) {
    const touched = new Set<number>();
    for (const entry of transaction) {
      for (const register of rows.apply(entry)) touched.add(register);
    }
    const write = writeOf(transaction);
    for (const number of touched) {
      const register = world.registers[number];
      if (register !== undefined)
        timelines[number]?.append(rows.stateOf(register), write, rows.shownBy(register));
    }
  }
  return timelines;
}

/** The entries of a transaction stand together, since only one transaction writes to the ledger at a time. */
export function* transactionsOf(ledger: readonly LedgerEntry[]): Generator<readonly LedgerEntry[]> {
  let current: LedgerEntry[] = [];
  for (const entry of ledger) {
    if (current.length > 0 && current[0]?.transaction !== entry.transaction) {
      yield current;
      current = [];
    }
    current.push(entry);
  }
  if (current.length > 0) yield current;
}

/** The rows as they are after some entries. */
class Rows {
  readonly #world: World;
  /** By place; null where the row is not there. */
  readonly #projects: (LedgerEntry | null)[];
  readonly #users: (LedgerEntry | null)[];

  constructor(world: World) {
    this.#world = world;
    this.#projects = world.projects.map(() => null);
    this.#users = world.users.map(() => null);
  }

  /** Takes in an entry; gives the registers that it may have changed. */
  apply(entry: LedgerEntry): readonly number[] {
    const rows = entry.table === 'project' ? this.#projects : this.#users;
    const former = rows[entry.place] ?? null;
    rows[entry.place] = entry.gone ? null : entry;
    const both = former === null ? [entry] : [former, entry];
    return entry.table === 'project' ? this.#ofProject(entry, both) : this.#ofUser(entry, both);
  }

  #ofProject({ place }: LedgerEntry, formerAndNew: readonly LedgerEntry[]): readonly number[] {
    const world = this.#world;
    const lists = formerAndNew.flatMap(({ owner }) => [
      world.register('projectsOfUser', owner),
      world.register('projectsWithOwner', owner),
      world.register('projectCount', owner),
    ]);
    return [world.register('project', place), ...lists];
  }

  #ofUser({ place }: LedgerEntry, formerAndNew: readonly LedgerEntry[]): readonly number[] {
    const world = this.#world;
    const values = formerAndNew.flatMap(({ githubId, email }) => [
      ...registerOfValue(world, 'githubId', githubId),
      ...registerOfValue(world, 'email', email),
    ]);
    return [world.register('user', place), world.register('ownerOfProjects', place), ...values];
  }

  stateOf({ view, index }: Register): number {
    switch (view) {
      case 'project':
        return this.#projects[index]?.stamp ?? ABSENT;
      case 'user':
      case 'ownerOfProjects':
        return this.#users[index]?.stamp ?? ABSENT;
      case 'githubId':
      case 'email': {
        const value = this.#world.values[view][index];
        return this.#users.find((user) => user?.[view] === value)?.stamp ?? ABSENT;
      }
      case 'projectsOfUser':
      case 'projectsWithOwner':
        return stateOfList(this.#stampsOf(index));
      case 'projectCount':
        return this.#stampsOf(index).length;
    }
  }

  /** The place of the row that has a unique value, -1 for none; of other registers, always the same. */
  shownBy({ view, index }: Register): number {
    if (view !== 'githubId' && view !== 'email') return 0;
    const value = this.#world.values[view][index];
    return this.#users.findIndex((user) => user?.[view] === value);
  }

  #stampsOf(owner: number): readonly number[] {
    return this.#projects.flatMap((project) => (project?.owner === owner ? [project.stamp] : []));
  }
}

function registerOfValue(world: World, field: 'githubId' | 'email', value: string): readonly number[] {
  const index = world.values[field].indexOf(value);
  return index < 0 ? [] : [world.register(field, index)];
}
