import { isKnownNotWritten, runFenced, type TransactionScope } from '../database/index.js';
import type { Clock } from './clock.js';
import type { Debts } from './debts.js';
import type { Acknowledgements } from './fleet/acknowledgements.js';
import type { NearCache } from './near/near-cache.js';
import type { Latencies } from './statistics/latencies.js';
import { endOf } from './store/announcement.js';
import { type Announced, changeOf, type SharedStore, type Targets } from './store/shared-store.js';
import type { StoreGuard } from './store-guard.js';

const FENCE_MARGIN_MS = 5_000;
/** How much of a fence's life is left over for what the server may still do after its time limits. */
const SAFETY_MS = 1_000;

/** What a write is about to change, as the cache sees it, and what it says to the database. */
export interface FencedEffects extends Targets {
  /** What the statements begin with while the fences stand, so that the triggers leave them to us; null for none. */
  readonly marker: string | null;
}

/** What writing needs of the cache. */
export interface WriterContext {
  readonly store: SharedStore;
  readonly guard: StoreGuard;
  readonly near: NearCache | null;
  readonly acknowledgements: Acknowledgements;
  readonly debts: Debts;
  readonly clock: Clock;
  /** A name that no other writer or reader has. */
  readonly nextToken: () => string;
  /** How long one statement can take, on either side. */
  readonly statementMs: number;
  /** Whether the server ends a statement after that time, whatever becomes of who sent it. */
  readonly statementsEnd: boolean;
  /** How long a fence stands at least when its writer dies. */
  readonly minFenceMs: number;
  /** Where the times of fences and lifts are noted. @default nowhere */
  readonly latencies?: Pick<Latencies, 'fences' | 'lifts'>;
}

/**
 * Runs writes with fences standing before what they change, from before the first statement until the outcome is known,
 * and, inside a transaction, until that has ended. A write whose outcome is not known (connection lost, answer not waited
 * for) keeps them until they expire, since it may commit.
 */
export class Writer {
  readonly #context: WriterContext;

  constructor(context: WriterContext) {
    this.#context = context;
  }

  async write<T>(
    effects: FencedEffects,
    run: () => Promise<T>,
    transaction: TransactionScope | null = null,
  ): Promise<T> {
    if (effects.keys.length === 0 && effects.guards.length === 0) return run();
    const token = this.#context.nextToken();
    const sentAt = this.#context.clock.now();
    const fenceMs = this.#fenceMs(transaction);
    const fenced = await this.#fence(effects, token, fenceMs);
    const end = (): Promise<void> => this.#end(effects, token);
    const standsUntil = this.#standsUntil(transaction, sentAt);
    const marked = fenced
      ? () =>
          runFenced(
            { marker: effects.marker, isStanding: () => this.#context.clock.now() < standsUntil },
            run,
          )
      : run;

    if (transaction !== null) {
      try {
        transaction.onOutcome((outcome) => (outcome === 'unknown' && fenced ? undefined : end()));
      } catch (error) {
        // It has ended meanwhile and would never call back, so the fence ends here.
        await end();
        throw error;
      }
      return marked();
    }
    try {
      const result = await marked();
      await end();
      return result;
    } catch (error) {
      // Without a fence there is nothing to keep, and whatever became of the write, its targets are invalidated.
      if (!fenced || isKnownNotWritten(error)) await end();
      throw error;
    }
  }

  /**
   * Invalidates, for something that has been written already. Resolves to whether the store has confirmed it, and, where
   * asked to, when the near caches of all processes have.
   *
   * @param options `token`: of the write, where it has one and its fences may stand; `owed`: where the store did not confirm
   * it, it is made up for when the store answers again, before anything that it holds is believed
   */
  async invalidate(
    targets: Targets,
    options: { readonly token?: string; readonly near?: 'told' | 'awaited'; readonly owed?: boolean } = {},
  ): Promise<boolean> {
    const { guard, store, nextToken, acknowledgements, debts } = this.#context;
    const { token = nextToken(), near = 'told', owed = false } = options;
    let confirmed = false;
    const announce = async (): Promise<Announced | null> => {
      // Of a new token there is no fence, so the lift finds none, invalidates, and tells the near caches.
      const lifted = await guard.attempt(() => store.lift(targets, token));
      if (!lifted.ok) return null;
      confirmed = true;
      this.#drop(targets);
      return lifted.value;
    };
    await (near === 'told' ? announce() : acknowledgements.collect(endOf(token), announce));
    if (owed && !confirmed) debts.add({ targets, token });
    return confirmed;
  }

  /**
   * Tells all near caches of what was put in the shared cache over what was there, and waits until they have dropped it.
   * Resolves to whether that is known; where it is not, the entries are invalidated when the store answers again.
   */
  async announce(targets: Targets): Promise<boolean> {
    const { guard, store, nextToken, acknowledgements, debts } = this.#context;
    const token = nextToken();
    const announced = await acknowledgements.collect<Announced | null>(token, async () => {
      const told = await guard.attempt(() => store.values.announce(targets, token));
      return told.ok ? told.value : null;
    });
    if (announced === null) debts.add({ targets, token });
    return announced !== null;
  }

  async #fence(targets: Targets, token: string, fenceMs: number): Promise<boolean> {
    const { guard, store, acknowledgements, clock, latencies } = this.#context;
    const startedAt = clock.now();
    const announced = await acknowledgements.collect<Announced | null>(token, async () => {
      const fenced = await guard.attemptPatiently(() => store.fence(targets, token, fenceMs));
      if (!fenced.ok) return null;
      // Not before: a read sent ahead of the fence may have been answered, and remembered, until now.
      this.#drop(targets);
      return fenced.value;
    });
    if (announced !== null) latencies?.fences.record(clock.now() - startedAt);
    return announced !== null;
  }

  async #end(targets: Targets, token: string): Promise<void> {
    const { guard, store, acknowledgements, debts, clock, latencies } = this.#context;
    const startedAt = clock.now();
    await acknowledgements.collect<Announced | null>(endOf(token), async () => {
      const lifted = await guard.attemptPatiently(() => store.lift(targets, token));
      if (!lifted.ok) {
        debts.add({ targets, token });
        return null;
      }
      if (lifted.value !== null) this.#drop(targets);
      latencies?.lifts.record(clock.now() - startedAt);
      return lifted.value;
    });
  }

  #drop({ keys, guards }: Targets): void {
    this.#context.near?.drop(keys, guards.map(changeOf));
  }

  /**
   * A transaction whose process was stopped can still commit when it goes on, until the server has ended it: after a
   * statement that may have begun at the deadline, and as long an idle time after that.
   */
  #fenceMs(transaction: TransactionScope | null): number {
    const { minFenceMs, statementMs } = this.#context;
    const shortest = Math.max(minFenceMs, statementMs + FENCE_MARGIN_MS);
    if (transaction === null) return shortest;
    const { remainingMs, lengthMs } = transaction.root;
    return Math.max(shortest, Math.ceil(remainingMs + 2 * lengthMs + FENCE_MARGIN_MS));
  }

  /** Until when a statement may begin and still end before its fence does. */
  #standsUntil(transaction: TransactionScope | null, sentAt: number): number {
    const { minFenceMs, statementMs, statementsEnd } = this.#context;
    if (transaction !== null) return sentAt + transaction.root.remainingMs + SAFETY_MS;
    // One that nothing ends may commit behind any fence, so the triggers have to record it.
    if (!statementsEnd) return Number.NEGATIVE_INFINITY;
    return sentAt + Math.max(minFenceMs - statementMs, FENCE_MARGIN_MS) - SAFETY_MS;
  }
}
