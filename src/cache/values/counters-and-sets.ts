import { CacheUnavailableError, InvalidArgumentError } from '../../errors.js';
import { checkedName } from '../naming/index.js';
import type { ReadContext } from '../read-context.js';
import type { EntryKey } from '../store/shared-store.js';
import type { ValueStore } from '../store/value-store.js';
import { checkedSeconds } from './value-options.js';

/** The keys of what is no value. */
export interface TallyNames {
  counter(name: string): EntryKey;
  members(name: string): EntryKey;
}

/** How long a counter or a set is kept. */
export interface TallyOptions {
  /** From now on, where it has no end yet: of a counter, so long from its beginning. @default for ever */
  readonly ttlSeconds?: number;
}

/**
 * Counters and sets that all processes share. They are no copies of anything, so nothing invalidates them but their time, and
 * there is no answer without the store.
 */
export class CountersAndSets {
  readonly #context: Pick<ReadContext, 'store' | 'guard'>;
  readonly #names: TallyNames;

  constructor(context: Pick<ReadContext, 'store' | 'guard'>, names: TallyNames) {
    this.#context = context;
    this.#names = names;
  }

  /**
   * Adds to a counter, which begins at 0, and gives what it has come to. One that leaves the whole numbers that a double holds
   * exactly, is added to, and then refused.
   *
   * @throws InvalidArgumentError when `by` is no safe whole number, or the sum would be none
   * @throws CacheUnavailableError when the store is away
   */
  async increment(name: string, by: number, options: TallyOptions): Promise<number> {
    const key = this.#names.counter(checkedName(name));
    if (!Number.isSafeInteger(by))
      throw new InvalidArgumentError(`A counter is changed by a whole number, not by ${String(by)}.`);
    const ttlMs = ttlMsOf(options);
    const sum = await this.#ask((values) => values.count(key, by, ttlMs));
    if (Number.isSafeInteger(sum)) return sum;
    throw new InvalidArgumentError(
      `The counter has come to ${sum}, beyond the whole numbers that are exact. Delete it to begin anew.`,
    );
  }

  /** Adds members; gives how many were new. */
  async add(name: string, members: readonly string[], options: TallyOptions): Promise<number> {
    const key = this.#names.members(checkedName(name));
    const ttlMs = ttlMsOf(options);
    checkMembers(members);
    return members.length === 0 ? 0 : this.#ask((values) => values.addMembers(key, members, ttlMs));
  }

  /** Takes members away; gives how many were there. */
  async remove(name: string, members: readonly string[]): Promise<number> {
    const key = this.#names.members(checkedName(name));
    checkMembers(members);
    return members.length === 0 ? 0 : this.#ask((values) => values.removeMembers(key, members));
  }

  /** Gives a counter or a set a new time from now on; false where there is none, or the store is away. */
  async expire(name: string, ttlSeconds: number): Promise<boolean> {
    const ttlMs = checkedSeconds(ttlSeconds);
    const keys = [this.#names.counter(checkedName(name)), this.#names.members(name)];
    const { guard, store } = this.#context;
    const there = await guard.attempt(() => store.values.expire(keys.map((key) => ({ key, ttlMs }))));
    return there.ok && there.value.includes(true);
  }

  async members(name: string): Promise<readonly string[]> {
    const key = this.#names.members(checkedName(name));
    return this.#ask((values) => values.members(key));
  }

  async #ask<T>(operation: (values: ValueStore) => Promise<T>): Promise<T> {
    const { guard, store } = this.#context;
    const answer = await guard.attempt(() => operation(store.values));
    if (answer.ok) return answer.value;
    throw new CacheUnavailableError(
      'The shared cache is away, and counters and sets are nowhere else. Try again later, or go on without.',
    );
  }
}

function ttlMsOf({ ttlSeconds }: TallyOptions): number | null {
  return ttlSeconds === undefined ? null : checkedSeconds(ttlSeconds);
}

function checkMembers(members: readonly unknown[]): void {
  const wrong = members.find((member) => typeof member !== 'string' || !member.isWellFormed());
  if (wrong !== undefined)
    throw new InvalidArgumentError(`The members of a set are well-formed text, not ${typeof wrong}.`);
}
