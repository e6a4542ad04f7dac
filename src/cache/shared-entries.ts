import type { ReadContext } from './read-context.js';
import type { EntryKey, Fill, ReadOutcome, ReadReply, Scope, Versions } from './store/shared-store.js';
import { TickBatcher } from './tick-batcher.js';

// A lease is given back by the fill; this is for a reader that dies. Longer than a slow load, so that two readers
// seldom load one key.
const LEASE_MS = 3_000;
const GIVE_BACK_PAUSE_MS = 50;

/** What the shared cache said of one key. */
export interface Lookup {
  readonly outcome: ReadOutcome;
  readonly versions: Versions;
  readonly token: string;
}

/** The shared cache was not asked, or gave no answer. */
export const BYPASS: Lookup = Object.freeze({
  outcome: Object.freeze({ kind: 'fenced' }),
  versions: Object.freeze({ prefix: '', absence: '' }),
  token: '',
});

/** The entries of one scope in the shared cache: what is asked of it in one turn goes there in one round trip. */
export class SharedEntries {
  readonly #context: ReadContext;
  readonly #scope: Scope;
  readonly #onSent: (keys: readonly EntryKey[]) => void;
  readonly #lookups: TickBatcher<EntryKey, Lookup>;
  readonly #fills: TickBatcher<Fill, undefined>;

  /** @param onSent is told of the keys whose lookups are being sent: what is written from now on, they may not see */
  constructor(context: ReadContext, scope: Scope, onSent: (keys: readonly EntryKey[]) => void) {
    this.#context = context;
    this.#scope = scope;
    this.#onSent = onSent;
    this.#lookups = new TickBatcher((keys) => this.#sendLookups(keys));
    this.#fills = new TickBatcher((fills) => this.#sendFills(fills));
  }

  lookUp(key: EntryKey): Promise<Lookup> {
    return this.#lookups.add(key);
  }

  /** Resolves when it was stored, refused or not sent. */
  async fill(fill: Fill): Promise<void> {
    await this.#fills.add(fill);
  }

  /** What is there, without the right to fill it; null where the shared cache gave no answer. For no reader: not counted. */
  async peek(key: EntryKey): Promise<ReadOutcome | null> {
    const { guard, trust, nextToken } = this.#context;
    if (!trust.isTrusted) return null;
    const token = nextToken();
    const reply = await this.#ask([key], token, (send) => guard.attemptUnasked(send));
    if (reply === null) return null;
    void this.#giveBack([key], reply, token);
    return reply.outcomes[0] ?? null;
  }

  async #sendLookups(keys: readonly EntryKey[]): Promise<readonly Lookup[]> {
    this.#onSent(keys);
    const { guard, trust, nextToken, clock, counters, latencies } = this.#context;
    if (!trust.isTrusted) return keys.map(() => BYPASS);
    const token = nextToken();
    const sentAt = clock.now();
    const reply = await this.#ask(keys, token, (send) => guard.attempt(send));
    if (reply === null) return keys.map(() => BYPASS);
    latencies.sharedReads.record(clock.now() - sentAt);
    const { outcomes, versions } = reply;
    for (const outcome of outcomes) if (outcome.kind === 'hit') counters.bytesRead += outcome.value.length;
    return outcomes.map((outcome) => ({ outcome, versions, token }));
  }

  /** The answer of the store; null where it gave none in time. */
  async #ask(
    keys: readonly EntryKey[],
    token: string,
    attempt: ReadContext['guard']['attempt'],
  ): Promise<ReadReply | null> {
    const { store } = this.#context;
    let waiting = true;
    const reply = await attempt(async () => {
      const answer = await store.read(this.#scope, keys, token, LEASE_MS);
      if (!waiting) void this.#giveBack(keys, answer, token);
      return answer;
    });
    waiting = false;
    return reply.ok ? reply.value : null;
  }

  /** A store that hung answers in the end, and leases keys to readers who have long been to the database. */
  async #giveBack(
    keys: readonly EntryKey[],
    { outcomes, versions }: ReadReply,
    token: string,
  ): Promise<void> {
    const leased = keys.filter((_, index) => outcomes[index]?.kind === 'lease');
    if (leased.length === 0) return;
    const { guard, store, clock } = this.#context;
    const fills = leased.map((key): Fill => ({ key, token, versions, value: null, ttlMs: 0 }));
    const until = clock.now() + LEASE_MS;
    while (!(await guard.attemptUnasked(() => store.fill(this.#scope, fills))).ok && clock.now() < until) {
      await clock.rest(GIVE_BACK_PAUSE_MS);
    }
  }

  async #sendFills(fills: readonly Fill[]): Promise<readonly undefined[]> {
    const { counters, codec } = this.#context;
    const values = fills.filter((fill) => fill.value !== null);
    const returned = fills.filter((fill) => fill.value === null);
    const [stored] = await Promise.all([this.#fill(values), this.#fill(returned)]);
    if (stored !== null) {
      counters.fills += stored;
      counters.fillsRefused += values.length - stored;
      for (const { value } of values) {
        if (value === null || value === 'absent') continue;
        counters.bytesWritten += value.length;
        counters.rawBytesWritten += codec.rawLength(value);
      }
    }
    return fills.map(() => undefined);
  }

  /** How many were stored or given back; null where the store was not asked. */
  async #fill(fills: readonly Fill[]): Promise<number | null> {
    const { guard, store, trust } = this.#context;
    if (fills.length === 0 || !trust.isTrusted) return null;
    const stored = await guard.attempt(() => store.fill(this.#scope, fills));
    return stored.ok ? stored.value : null;
  }
}
