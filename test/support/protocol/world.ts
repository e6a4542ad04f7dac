import type { KeySpace } from '../../../src/cache/keys.js';
import {
  type EntryKey,
  fencesOf,
  type ReadOutcome,
  type Scope,
  type SharedStore,
  type Targets,
} from '../../../src/cache/store/shared-store.js';

/** A kind of entry and a kind of change to it. */
export interface Situation {
  readonly name: string;
  /** What hangs on what; the table is new for every run. */
  readonly place: (keys: KeySpace) => {
    readonly scope: Scope;
    readonly key: EntryKey;
    readonly targets: Targets;
  };
  /** Whether there is something at all in this version of the row. */
  readonly exists: (version: number) => boolean;
  /** Whether values, as against "there is none", may be read while the fence stands: what appears leaves them alone. */
  readonly valuesStayReadable: boolean;
}

/** An answer that a read gave. Times are counted in steps. */
interface Reading {
  readonly by: string;
  readonly began: number;
  readonly ended: number;
  readonly version: number;
}

const LONG_MS = 60_000;

/**
 * One row in a database, which is a number that each commit raises by one, its entry in a real store, and the record of what
 * happened to them step by step.
 */
export class World {
  readonly scope: Scope;
  readonly key: EntryKey;
  readonly targets: Targets;
  readonly store: SharedStore;
  readonly situation: Situation;
  readonly #lose: (keys: readonly string[]) => Promise<void>;
  /** What the database holds. */
  version = 0;
  step = 0;
  /** Whether fences and leases end by themselves in this run, so that what they keep away may be there. */
  expiring = false;
  readonly problems: string[] = [];
  readonly #readings: Reading[] = [];
  /** Step -> the version whose writer had been told then that it is done. */
  readonly #acknowledged: { readonly at: number; readonly version: number }[] = [];
  readonly #fences = new Set<string>();
  /** Token -> until when its fence certainly stands, if nothing is lost. */
  readonly #standsUntil = new Map<string, number>();
  readonly #leases = new Set<string>();

  constructor(
    situation: Situation,
    keys: KeySpace,
    store: SharedStore,
    lose: (keys: readonly string[]) => Promise<void>,
  ) {
    this.situation = situation;
    const { scope, key, targets } = situation.place(keys);
    this.scope = scope;
    this.key = key;
    this.targets = targets;
    this.store = store;
    this.#lose = lose;
  }

  async read(token: string, leaseMs = LONG_MS) {
    const { outcomes, versions } = await this.store.read(this.scope, [this.key], token, leaseMs);
    const outcome = outcomes[0];
    if (outcome === undefined) throw new Error('no outcome');
    this.#judgeOutcome(outcome, token);
    return { outcome, versions };
  }

  async fill(
    token: string,
    versions: { prefix: string; absence: string },
    version: number | null,
  ): Promise<void> {
    const value = version === null ? null : this.#encoded(version);
    await this.store.fill(this.scope, [{ key: this.key, token, versions, value, ttlMs: LONG_MS }]);
    this.#leases.delete(token);
  }

  async fence(token: string, fenceMs = LONG_MS): Promise<void> {
    this.#standsUntil.set(token, performance.now() + fenceMs);
    await this.store.fence(this.targets, token, fenceMs);
    this.#fences.add(token);
    this.#leases.clear();
  }

  /** A transaction ends before its fence does: one that comes too late is rolled back. */
  commit(token: string): number {
    if (performance.now() < (this.#standsUntil.get(token) ?? Infinity)) this.version += 1;
    return this.version;
  }

  async lift(token: string, version: number): Promise<void> {
    await this.store.lift(this.targets, token);
    this.#fences.delete(token);
    this.#leases.clear();
    this.#acknowledged.push({ at: this.step, version });
  }

  /** Takes keys away behind the store's back. */
  async lose(what: 'fences' | 'entry' | 'versions' | 'everything'): Promise<void> {
    const { guards, absence } = this.scope;
    const all = absence === null ? guards : [...guards, absence];
    const fences = [fencesOf(this.key), ...all.map((guard) => guard.fences)];
    const versions = all.map((guard) => guard.version);
    const lost = { fences, versions, entry: [this.key], everything: [...fences, ...versions, this.key] };
    await this.#lose(lost[what]);
    if (what !== 'fences') this.#leases.clear();
    if (what === 'fences' || what === 'everything') this.#fences.clear();
  }

  answered(by: string, began: number, version: number): void {
    this.#readings.push({ by, began, ended: this.step, version });
  }

  /** What a hit, or "there is none", says of the row; null for what says nothing. */
  versionOf(outcome: ReadOutcome): number | null {
    if (outcome.kind === 'absent') return this.#absentVersion();
    return outcome.kind === 'hit' ? Number(new TextDecoder().decode(outcome.value)) : null;
  }

  /**
   * Judges all answers: none is older than a write that was acknowledged before its read began. Nor, where no fence was
   * lost, older than an answer that had been given before.
   */
  judge(inversionsToo: boolean): readonly string[] {
    for (const reading of this.#readings) {
      const { began, by, version } = reading;
      for (const { at, version: written } of this.#acknowledged) {
        if (at < began && this.#isOlder(version, written))
          this.problems.push(
            `${by}, begun at step ${began}, got ${version}; ${written} was acknowledged at step ${at}`,
          );
      }
      for (const earlier of this.#readings) {
        if (inversionsToo && earlier.ended < began && this.#isOlder(version, earlier.version))
          this.problems.push(
            `${by}, begun at step ${began}, got ${version}; ${earlier.by} had got ${earlier.version} at step ${earlier.ended}`,
          );
      }
    }
    return this.problems;
  }

  /** A read at the very end: what is stored is what the database holds. */
  async judgeEnd(): Promise<void> {
    this.step += 1;
    const { outcome } = await this.read('at the end');
    const stored = this.versionOf(outcome);
    if (stored !== null && this.#isOlder(stored, this.version))
      this.problems.push(`at the end ${stored} is stored, and the database holds ${this.version}`);
  }

  /** Two versions in which there is nothing cannot be told from each other. */
  #isOlder(one: number, other: number): boolean {
    const { exists } = this.situation;
    return one < other && (exists(one) || exists(other));
  }

  /** The latest version in which there is nothing. */
  #absentVersion(): number {
    for (let version = this.version; version >= 0; version -= 1)
      if (!this.situation.exists(version)) return version;
    this.problems.push('"there is none" was read, and there always was one');
    return -1;
  }

  #encoded(version: number): Uint8Array | 'absent' {
    return this.situation.exists(version) ? new TextEncoder().encode(String(version)) : 'absent';
  }

  #judgeOutcome(outcome: ReadOutcome, token: string): void {
    if (this.expiring) return;
    const hidden = this.situation.valuesStayReadable ? ['absent'] : ['hit', 'absent', 'lease', 'busy'];
    if (this.#fences.size > 0 && hidden.includes(outcome.kind))
      this.problems.push(`step ${this.step}: "${outcome.kind}" while a fence stood`);
    if (outcome.kind !== 'lease') return;
    if (this.#leases.size > 0)
      this.problems.push(`step ${this.step}: a lease for ${token} while ${[...this.#leases]} had one`);
    this.#leases.add(token);
  }
}
