/** Where a state's writer is not known. */
export const NO_WRITE = -1;

/**
 * The states that one register was in, in the order of the commits that brought them: version 0 is what it began with.
 * A state may come again, as "not there" does, so what a read saw may be several versions.
 */
export class Timeline {
  readonly #states: number[];
  /** Of each version, the place of its write among all writes. */
  readonly #writes: number[] = [NO_WRITE];
  readonly #versions = new Map<number, number[]>();

  constructor(initial: number) {
    this.#states = [initial];
    this.#versions.set(initial, [0]);
  }

  /** The newest version. */
  get newest(): number {
    return this.#states.length - 1;
  }

  get state(): number {
    return this.stateOf(this.newest);
  }

  stateOf(version: number): number {
    return this.#states[version] ?? Number.NaN;
  }

  writeOf(version: number): number {
    return this.#writes[version] ?? NO_WRITE;
  }

  /** A commit left the register in this state. One that left it as it was makes no version. */
  append(state: number, write: number): void {
    if (state === this.state) return;
    this.#states.push(state);
    this.#writes.push(write);
    const versions = this.#versions.get(state);
    if (versions === undefined) this.#versions.set(state, [this.newest]);
    else versions.push(this.newest);
  }

  /** The versions with this state, ascending; none where the register never was in it. */
  versionsOf(state: number): readonly number[] {
    return this.#versions.get(state) ?? NONE;
  }
}

const NONE: readonly number[] = Object.freeze([]);
