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
  readonly #rows: number[];

  /** @param row the place of the row that the register shows; only of a register that may show another later */
  constructor(initial: number, row = 0) {
    this.#states = [initial];
    this.#rows = [row];
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

  /**
   * The last version whose write concerned the row that this version shows: an update of it, or what made the register show
   * another row. A write of that other row does not tell whoever remembers the first.
   */
  lastOfRow(version: number): number {
    const row = this.#rows[version];
    let last = version + 1;
    while (last < this.newest && this.#rows[last] === row) last += 1;
    return Math.min(last, this.newest);
  }

  /** A commit left the register in this state. One that left it as it was makes no version. */
  append(state: number, write: number, row = 0): void {
    if (state === this.state) return;
    this.#states.push(state);
    this.#rows.push(row);
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
