/*
 * The rows that a check works on, and the registers that they make up. All of it follows from the number of keys, so
 * that every process knows the same world without being told.
 */

/** Rows that are always there, rows that come and go by themselves, and rows that come and go with their guest. */
export type Permanence = 'permanent' | 'passing' | 'guest';

export interface UserSlot {
  readonly id: string;
  readonly permanence: 'permanent' | 'guest';
  /** What it is created with. */
  readonly githubId: string;
  readonly email: string;
}

export interface ProjectSlot {
  readonly id: string;
  readonly permanence: Permanence;
  /** Place of its owner among the users. */
  readonly owner: number;
}

/**
 * Ways to look at the rows. Each way to look at one row, value or owner is a register: it has one state at a time, and
 * its states follow each other in the order of the commits.
 */
export const VIEWS = [
  'project',
  'user',
  'githubId',
  'email',
  'projectsOfUser',
  'projectsWithOwner',
  'ownerOfProjects',
  'projectCount',
] as const;
export type View = (typeof VIEWS)[number];

export interface Register {
  readonly view: View;
  /** Place of the row, value or owner among its kind. */
  readonly index: number;
}

/** What a unique field is asked for. */
export type UniqueField = 'githubId' | 'email';

export class World {
  readonly users: readonly UserSlot[];
  readonly projects: readonly ProjectSlot[];
  /** Values that move from one user to another, then those of the guests, by field. */
  readonly values: Readonly<Record<UniqueField, readonly string[]>>;
  /** Places of the values that move, and of those of the guests. */
  readonly movingValues: readonly number[];
  readonly guestValues: readonly number[];
  readonly registers: readonly Register[];
  readonly #firstOf: Readonly<Record<View, number>>;
  readonly #projectsThatAre: Readonly<Record<Permanence, readonly number[]>>;
  readonly #usersThatAre: Readonly<Record<UserSlot['permanence'], readonly number[]>>;

  /** @param keys how many projects are always there; all else is in proportion */
  constructor(keys: number) {
    const owners = Math.max(2, Math.round(keys / 5));
    const passing = Math.max(2, Math.round(keys / 5));
    const guests = Math.max(2, Math.round(keys / 10));
    this.movingValues = repeat(owners, (n) => n);
    this.guestValues = repeat(guests, (n) => owners + n);
    this.values = {
      githubId: valuesOf(owners, guests, (name) => `github-${name}`),
      email: valuesOf(owners, guests, (name) => `${name}@example.test`),
    };
    this.users = Array.from({ length: owners + guests }, (_, place) => ({
      id: identifier(2, place),
      permanence: place < owners ? 'permanent' : 'guest',
      githubId: this.values.githubId[place] ?? '',
      email: this.values.email[place] ?? '',
    }));
    this.projects = [
      ...repeat(keys, (n) => ({ permanence: 'permanent' as const, owner: n % owners })),
      ...repeat(passing, (n) => ({ permanence: 'passing' as const, owner: n % owners })),
      ...repeat(guests, (n) => ({ permanence: 'guest' as const, owner: owners + n })),
    ].map((slot, place) => ({ id: identifier(1, place), ...slot }));

    this.#projectsThatAre = {
      permanent: placesOf(this.projects, 'permanent'),
      passing: placesOf(this.projects, 'passing'),
      guest: placesOf(this.projects, 'guest'),
    };
    this.#usersThatAre = {
      permanent: placesOf(this.users, 'permanent'),
      guest: placesOf(this.users, 'guest'),
    };

    const sizes: Readonly<Record<View, number>> = {
      project: this.projects.length,
      user: this.users.length,
      githubId: this.values.githubId.length,
      email: this.values.email.length,
      projectsOfUser: this.users.length,
      projectsWithOwner: this.users.length,
      ownerOfProjects: this.users.length,
      projectCount: this.users.length,
    };
    const firstOf: Partial<Record<View, number>> = {};
    this.registers = VIEWS.flatMap((view, at) => {
      firstOf[view] = VIEWS.slice(0, at).reduce((sum, earlier) => sum + sizes[earlier], 0);
      return repeat(sizes[view], (index): Register => ({ view, index }));
    });
    this.#firstOf = firstOf as Record<View, number>;
  }

  /** The number of a register: its place in `registers`. */
  register(view: View, index: number): number {
    return this.#firstOf[view] + index;
  }

  /** Places of the projects of some permanence. */
  projectsThatAre(permanence: Permanence): readonly number[] {
    return this.#projectsThatAre[permanence];
  }

  /** Places of the users of some permanence. */
  usersThatAre(permanence: UserSlot['permanence']): readonly number[] {
    return this.#usersThatAre[permanence];
  }

  /** As people would call a register. */
  nameOf(register: number): string {
    const { view, index } = this.registers[register] ?? { view: 'project', index: Number.NaN };
    return `${NAMES[view]} ${index}`;
  }
}

const NAMES: Readonly<Record<View, string>> = {
  project: 'project',
  user: 'user',
  githubId: 'user by githubId',
  email: 'user by email',
  projectsOfUser: 'projects of user',
  projectsWithOwner: 'projects with their owner, of user',
  ownerOfProjects: 'owner in the list of projects, of user',
  projectCount: 'number of projects of user',
};

/** A UUID that says what kind of row it names, and which. */
function identifier(kind: number, place: number): string {
  return `${hex(kind, 8)}-0000-7000-8000-${hex(place, 12)}`;
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

function valuesOf(moving: number, guests: number, value: (name: string) => string): string[] {
  return [...repeat(moving, (n) => value(`hot-${n}`)), ...repeat(guests, (n) => value(`guest-${n}`))];
}

function repeat<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

function placesOf(
  slots: readonly { readonly permanence: Permanence }[],
  permanence: Permanence,
): readonly number[] {
  return slots.flatMap((slot, place) => (slot.permanence === permanence ? [place] : []));
}
