/**
 * What this process knows of each key: the newest version that a finished write or read has shown. A read that starts
 * now must return that version or a later one; one that returns less is stale.
 */
export class VersionLedger {
  readonly #known = new Map<string, number>();
  #staleReads = 0;

  /** How many reads were stale so far. */
  get staleReads(): number {
    return this.#staleReads;
  }

  /** The least version that a read starting now may return. */
  floor(key: string): number {
    return this.#known.get(key) ?? 0;
  }

  /** A write of this version was acknowledged. */
  acknowledge(key: string, version: number): void {
    if (version > this.floor(key)) {
      this.#known.set(key, version);
    }
  }

  /** A read that started when the floor was `floorAtStart` returned this version. False when it was stale. */
  judge(key: string, floorAtStart: number, version: number): boolean {
    const fresh = version >= floorAtStart;
    if (fresh) {
      this.acknowledge(key, version);
    } else {
      this.#staleReads += 1;
    }
    return fresh;
  }
}
