import type { Adapter, Touched, UserChanges } from '../adapters/adapter.js';
import { UNDONE_SUFFIX } from '../judge/judged-writes.js';
import { type ProjectRow, stateOfProject, stateOfUser, type UserRow } from '../states.js';
import type { World } from '../world.js';
import type { Dice } from './dice.js';

/** What the function of a transaction throws to have it rolled back. */
export class Undo extends Error {}

/** Runs raw SQL. */
export type RunSql = <Row extends object>(
  text: string,
  parameters: readonly unknown[],
) => Promise<readonly Row[]>;

/** The hand that makes one write, however many rows that takes: leaves its mark in each, and notes what it did. */
export class Hand {
  readonly world: World;
  readonly dice: Dice;
  readonly adapter: Adapter;
  readonly mark: number;
  readonly #touched = {
    projects: new Set<string>(),
    users: new Set<string>(),
    githubIds: new Set<string>(),
    emails: new Set<string>(),
  };
  #suffix = '';
  #written: number[] = [];
  #undone: number[] = [];
  #deleted: number[] = [];
  #ownWritesMissed = 0;

  constructor(world: World, dice: Dice, adapter: Adapter, mark: number) {
    this.world = world;
    this.dice = dice;
    this.adapter = adapter;
    this.mark = mark;
  }

  /** What is written into the rows. */
  get name(): string {
    return `${this.mark}${this.#suffix}`;
  }

  get touched(): Touched {
    const { projects, users, githubIds, emails } = this.#touched;
    return { projects: [...projects], users: [...users], githubIds: [...githubIds], emails: [...emails] };
  }

  /** Last stamps of rows that it deleted. */
  get deleted(): readonly number[] {
    return this.#deleted;
  }

  /** How many rows it wrote and did not take back, as far as it knows. */
  get written(): readonly number[] {
    return this.#written;
  }

  /** Stamps of rows that it wrote inside a savepoint, and took back. */
  get undone(): readonly number[] {
    return this.#undone;
  }

  /** How often a transaction did not see what it had written itself. */
  get ownWritesMissed(): number {
    return this.#ownWritesMissed;
  }

  /** One of these, by dice. */
  oneOf<T>(items: readonly T[]): T {
    return this.dice.oneOf(items);
  }

  async updateProject(place: number): Promise<void> {
    const id = this.world.projects[place]?.id ?? '';
    this.wroteProject(await this.adapter.writes.updateProject(id, { name: this.name }));
  }

  async updateUser(place: number, changes: Omit<UserChanges, 'username'> = {}): Promise<void> {
    const id = this.world.users[place]?.id ?? '';
    this.wroteUser(await this.adapter.writes.updateUser(id, { username: this.name, ...changes }));
  }

  wroteProject(row: ProjectRow): void {
    this.#written.push(stateOfProject(row));
    this.touchProject(row);
  }

  wroteUser(row: UserRow): void {
    this.#written.push(stateOfUser(row));
    this.touchUser(row);
  }

  deletedProject(row: ProjectRow): void {
    this.#deleted.push(stateOfProject(row));
    this.touchProject(row);
  }

  deletedUser(row: UserRow): void {
    this.#deleted.push(stateOfUser(row));
    this.touchUser(row);
  }

  /** Rows of which only the number is known. */
  wroteMany(count: number): void {
    for (let n = 0; n < count; n += 1) this.#written.push(-1);
  }

  touchProject(row: Pick<ProjectRow, 'id' | 'ownerId'>): void {
    this.#touched.projects.add(row.id);
    this.#touched.users.add(row.ownerId);
  }

  touchUser(row: Pick<UserRow, 'id' | 'githubId' | 'email'>): void {
    this.#touched.users.add(row.id);
    this.#touched.githubIds.add(row.githubId);
    this.#touched.emails.add(row.email);
  }

  /** Runs steps in a transaction, which starts over when it collides with another. */
  transaction(steps: () => Promise<void>): Promise<void> {
    return this.adapter.writes.transaction(async () => {
      this.#written = [];
      this.#undone = [];
      this.#deleted = [];
      this.#suffix = '';
      await steps();
    });
  }

  /** Runs steps in a transaction inside the one that is under way, and takes them back. */
  async takenBack(steps: () => Promise<void>): Promise<void> {
    const before = this.#written.length;
    this.#suffix = UNDONE_SUFFIX;
    try {
      await this.adapter.writes.transaction(async () => {
        await steps();
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    } finally {
      this.#suffix = '';
      this.#undone.push(...this.#written.splice(before));
    }
  }

  /** Reads what the transaction has just written: it must see it, and nobody else may. */
  async readOwn(place: number): Promise<void> {
    const row = await this.adapter.reads.projectById(this.world.projects[place]?.id ?? '');
    if (row?.name !== this.name) this.#ownWritesMissed += 1;
  }
}
