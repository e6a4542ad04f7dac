import type { Clock } from '../clock.js';
import type { EntryKey } from '../store/shared-store.js';
import type { Rights } from './rights.js';

// Of the lease time: how long a claim lasts, and how often it is renewed, or tried for by the others. Together less than one
// lease time, so that within one somebody else leads when the leader has died.
const CLAIM_SHARE = 0.6;
const BEAT_SHARE = 0.2;

/**
 * Which process of a fleet does something that one must do. The claim is renewed by `beat`, and by the clock of this process
 * it ends before it does in the store. A process that was stopped for long may learn late that another leads: two may do the
 * same for a moment, so what they do must bear it.
 */
export class Leadership {
  readonly #rights: Rights;
  readonly #key: EntryKey;
  readonly #nextToken: () => string;
  readonly #clock: Clock;
  readonly #claimMs: number;
  /** How far apart beats should be. */
  readonly beatMs: number;
  #claim: { readonly token: string; until: number } | null = null;

  /**
   * @param leaseMs how long nobody may lead when the leader has died
   * @param nextToken gives a name that no other claim has
   */
  constructor(options: {
    readonly rights: Rights;
    readonly key: EntryKey;
    readonly nextToken: () => string;
    readonly clock: Clock;
    readonly leaseMs: number;
  }) {
    this.#rights = options.rights;
    this.#key = options.key;
    this.#nextToken = options.nextToken;
    this.#clock = options.clock;
    this.#claimMs = Math.ceil(options.leaseMs * CLAIM_SHARE);
    this.beatMs = options.leaseMs * BEAT_SHARE;
  }

  get isLeader(): boolean {
    return this.#claim !== null && this.#clock.now() < this.#claim.until;
  }

  /**
   * Renews the claim, or tries for one. Resolves to whether this process leads.
   *
   * @throws CacheUnavailableError when the store is away; what was claimed lasts for as long as it does
   */
  async beat(): Promise<boolean> {
    const sentAt = this.#clock.now();
    const claim = this.#claim;
    if (claim !== null) {
      if (await this.#rights.reclaim(this.#key, claim.token, this.#claimMs)) {
        claim.until = sentAt + this.#claimMs;
        return this.isLeader;
      }
      this.#claim = null;
    }
    const token = this.#nextToken();
    if (await this.#rights.claim(this.#key, token, this.#claimMs)) {
      this.#claim = { token, until: sentAt + this.#claimMs };
    }
    return this.isLeader;
  }

  /**
   * Lets another process lead at once.
   *
   * @throws CacheUnavailableError when the store is away; the claim ends by itself
   */
  async giveUp(): Promise<void> {
    const claim = this.#claim;
    this.#claim = null;
    if (claim !== null) await this.#rights.reclaim(this.#key, claim.token, 0);
  }
}
