import { afterNextReads, afterThisTurn } from './next-turn.js';
import type { ReadContext } from './read-context.js';
import type { EntryKey, Fill, ReadOutcome, ReadReply, Scope, Versions } from './store/shared-store.js';

// A lease is given back by the fill; this is for a reader that dies. Longer than a slow load, so that two readers
// seldom load one key.
const LEASE_MS = 3_000;
const GIVE_BACK_PAUSE_MS = 50;

// More go in several scripts at once, so that Redis works on the next while this process decodes the last, and no script
// takes Redis long.
const MAX_TOGETHER = 128;
// Redis copies each value several times, which takes a fraction of a millisecond for so many bytes.
const MAX_BYTES_TOGETHER = 256 * 1_024;

function inParts<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length <= MAX_TOGETHER) return [items];
  const parts: (readonly Item[])[] = [];
  for (let first = 0; first < items.length; first += MAX_TOGETHER) {
    parts.push(items.slice(first, first + MAX_TOGETHER));
  }
  return parts;
}

/** Who asks for an entry. */
export interface Asking {
  readonly key: EntryKey;
  /** Set when the question is being sent: what is written from now on, the answer may miss. */
  sent: boolean;
}

/** What the shared cache says is told here. Nothing of it may throw. */
export interface Answers<Ask extends Asking> {
  /** @param versions null where the shared cache was not asked, or gave no answer */
  onAnswer(ask: Ask, outcome: ReadOutcome, versions: Versions | null, token: string): void;
  /** All answers of one round trip have been told. */
  onAllAnswered(versions: Versions | null, token: string): void;
  /** What was to be filled cannot be stored; perhaps it is something that a reader can change. */
  onUnstorable(key: EntryKey): void;
  /** The fills were stored, refused or not sent. */
  onFilled(fills: readonly Fill[]): void;
}

/** A fill of which the value is not encoded yet. */
export type ValueFill = Omit<Fill, 'value'> & { readonly value: unknown };

const UNKNOWN: ReadOutcome = Object.freeze({ kind: 'fenced' });

/** The entries of one scope in the shared cache: what is asked of it in one turn goes there in one round trip. */
export class SharedEntries<Ask extends Asking> {
  readonly #context: ReadContext;
  readonly #scope: Scope;
  readonly #answers: Answers<Ask>;
  #asking: Ask[] = [];
  #fills: Fill[] = [];
  #values: ValueFill[] = [];

  constructor(context: ReadContext, scope: Scope, answers: Answers<Ask>) {
    this.#context = context;
    this.#scope = scope;
    this.#answers = answers;
  }

  /** `onAnswer` is called when it is known. */
  lookUp(ask: Ask): void {
    if (this.#asking.length === 0) afterThisTurn(() => this.#sendLookups());
    this.#asking.push(ask);
  }

  /** Fills without a value: that there is none, or that the lease is given back. As `fillValue`, but at once. */
  fill(fill: Fill): void {
    if (this.#fills.length === 0) afterThisTurn(() => this.#sendFills());
    this.#fills.push(fill);
  }

  /** `onFilled` is called when it was stored, refused or not sent. */
  fillValue(fill: ValueFill): void {
    if (this.#values.length === 0) afterNextReads(() => this.#sendValues());
    this.#values.push(fill);
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

  #sendLookups(): void {
    const asking = this.#asking;
    this.#asking = [];
    for (const ask of asking) ask.sent = true;
    for (const some of inParts(asking)) void this.#lookUpTogether(some);
  }

  async #lookUpTogether(asking: readonly Ask[]): Promise<void> {
    const { guard, trust, nextToken, clock, counters, latencies } = this.#context;
    const token = nextToken();
    const sentAt = clock.now();
    const keys = asking.map(({ key }) => key);
    const reply = trust.isTrusted ? await this.#ask(keys, token, (send) => guard.attempt(send)) : null;
    if (reply === null) {
      for (const ask of asking) this.#answers.onAnswer(ask, UNKNOWN, null, token);
      this.#answers.onAllAnswered(null, token);
      return;
    }
    latencies.sharedReads.record(clock.now() - sentAt);
    const { outcomes, versions, roundTrips = 1 } = reply;
    counters.roundTrips += roundTrips - 1;
    for (let index = 0; index < asking.length; index += 1) {
      const outcome = outcomes[index] ?? UNKNOWN;
      if (outcome.kind === 'hit') counters.bytesRead += outcome.value.length;
      this.#answers.onAnswer(asking[index] as Ask, outcome, versions, token);
    }
    this.#answers.onAllAnswered(versions, token);
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

  #sendFills(): void {
    const fills = this.#fills;
    this.#fills = [];
    for (const some of inParts(fills)) void this.#fillTogether(some);
  }

  #sendValues(): void {
    const fills = this.#values;
    this.#values = [];
    let some: Fill[] = [];
    let bytes = 0;
    for (const each of fills) {
      const fill = this.#encoded(each);
      const size = fill.value?.length ?? 0;
      if (some.length === MAX_TOGETHER || (some.length > 0 && bytes + size > MAX_BYTES_TOGETHER)) {
        void this.#fillTogether(some);
        some = [];
        bytes = 0;
      }
      some.push(fill);
      bytes += size;
    }
    void this.#fillTogether(some);
  }

  #encoded({ key, token, versions, value, ttlMs }: ValueFill): Fill {
    const { codec, counters } = this.#context;
    let bytes: Uint8Array | null = null;
    try {
      bytes = codec.encodeIfPossible(value);
    } catch {
      // Whatever it is, such as a getter of the value that throws: its reader has it already, and nobody is left to be told but by
      // the count. Thrown from here, it would end the process.
      counters.errors += 1;
    }
    if (bytes === null) this.#answers.onUnstorable(key);
    return { key, token, versions, value: bytes, ttlMs };
  }

  async #fillTogether(fills: readonly Fill[]): Promise<void> {
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
    this.#answers.onFilled(fills);
  }

  /** How many were stored or given back; null where the store was not asked. */
  async #fill(fills: readonly Fill[]): Promise<number | null> {
    const { guard, store, trust } = this.#context;
    if (fills.length === 0 || !trust.isTrusted) return null;
    const stored = await guard.attempt(() => store.fill(this.#scope, fills));
    return stored.ok ? stored.value : null;
  }
}
