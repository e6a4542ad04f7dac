import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { InvalidArgumentError } from '../errors.js';
import type { Clock } from './clock.js';
import { checkedName } from './naming/checked-name.js';
import { thawed } from './thaw.js';
import type { NamedValues } from './values/named-values.js';

/** Values that sessions are kept as: of the shared store, past the memory of processes, and not cleared with the cache. */
export type SessionValues = Pick<
  NamedValues,
  'getMultiple' | 'setMultiple' | 'expire' | 'deleteMultiple' | 'invalidateTags'
>;

/** Sessions where there is no cache: none is there, and none is kept. */
export const NO_SESSIONS: SessionValues = Object.freeze({
  getMultiple: async (keys: readonly string[]) => keys.map(() => null),
  setMultiple: async () => false,
  expire: async () => false,
  deleteMultiple: async () => true,
  invalidateTags: async () => true,
});

/** Whose a session is, and how long it lives. */
export interface SessionOptions {
  /** Whose session it is, for `deleteSessionsOf`. @default nobody's */
  readonly userId?: string | number | bigint;
  /** How long it lives after it was last used. @default the lifetime of sessions: 24 hours, see `CACHE_STRATEGY_USER_SESSIONS` */
  readonly ttlSeconds?: number;
}

const MAX_REMEMBERED = 10_000;
/** How much of its time a session may lose because it was not extended by every read. */
const EXACTNESS = 0.01;

interface StoredSession {
  readonly data: unknown;
  readonly ttlSeconds: number;
}

/**
 * Sessions, kept in the shared store alone: each read asks it, so one that was deleted is gone everywhere at once. Their ids
 * stand in it as SHA-256, so that who reads the store cannot take one over. They have no database behind them: what the store
 * loses is lost, and while it is away there is no session.
 */
export class Sessions {
  readonly #values: SessionValues;
  readonly #ttlSeconds: number;
  readonly #clock: Clock;
  /** When this process has last extended which sessions. */
  readonly #extended = new LRUCache<string, { readonly at: number; readonly ttlSeconds: number }>({
    max: MAX_REMEMBERED,
  });

  /** @param options `ttlSeconds` is how long a session lives where nothing else is said */
  constructor(values: SessionValues, options: { readonly ttlSeconds: number; readonly clock: Clock }) {
    this.#values = values;
    this.#ttlSeconds = options.ttlSeconds;
    this.#clock = options.clock;
  }

  /**
   * Stores a session in the place of the one with this id. Resolves to whether the store has it.
   *
   * @param id a secret of at least 128 random bits, such as that of a cookie
   * @param data anything that the cache can hold, but null and undefined
   * @throws InvalidArgumentError when the id is no text or empty, the data cannot be stored, or the time is none
   */
  async setSession(id: string, data: unknown, options: SessionOptions = {}): Promise<boolean> {
    if (data === null || data === undefined) {
      throw new InvalidArgumentError('A session must hold something. To end it, use deleteSession(id).');
    }
    const { userId, ttlSeconds = this.#ttlSeconds } = options;
    const tags = userId === undefined ? [] : [tagOf(userId)];
    const stored: StoredSession = { data, ttlSeconds };
    return this.#values.setMultiple([{ key: keyOf(id), value: stored, ttlSeconds, tags }]);
  }

  /**
   * The data of a session, a copy that is the caller's own; null where there is none, or the store is away. Its time begins
   * anew, unless `extend` is false, or this process has seen to it within a hundredth of that time.
   *
   * @throws InvalidArgumentError when the id is no text or empty
   */
  async getSession<T = unknown>(id: string, options: { readonly extend?: boolean } = {}): Promise<T | null> {
    const key = keyOf(id);
    const stored = await this.#stored(key);
    if (stored === null) return null;
    if (options.extend !== false && !this.#wasJustExtended(key, stored))
      await this.#extend(key, stored.ttlSeconds);
    return thawed(stored.data) as T;
  }

  /**
   * Lets the time of a session begin anew. Resolves to whether there is one, and the store has confirmed it.
   *
   * @param ttlSeconds for this once; the next read goes back to that of the session. @default that of the session
   * @throws InvalidArgumentError when the id is no text or empty, or the time is none
   */
  async extendSession(id: string, ttlSeconds?: number): Promise<boolean> {
    const key = keyOf(id);
    if (ttlSeconds !== undefined) return this.#extend(key, ttlSeconds);
    const stored = await this.#stored(key);
    return stored !== null && this.#extend(key, stored.ttlSeconds);
  }

  /**
   * Ends a session. Resolves to whether the store has confirmed it: until it has, the session may still be there.
   *
   * @throws InvalidArgumentError when the id is no text or empty
   */
  async deleteSession(id: string): Promise<boolean> {
    return this.#values.deleteMultiple([keyOf(id)]);
  }

  /**
   * Ends all sessions of a user, however many. As `deleteSession`.
   *
   * @throws InvalidArgumentError when there is no such user id
   */
  async deleteSessionsOf(userId: string | number | bigint): Promise<boolean> {
    return this.#values.invalidateTags([tagOf(userId)]);
  }

  async #extend(key: string, ttlSeconds: number): Promise<boolean> {
    const at = this.#clock.now();
    const extended = await this.#values.expire(key, ttlSeconds);
    if (extended) this.#extended.set(key, { at, ttlSeconds });
    return extended;
  }

  /** An extension costs more than a read, and most reads come in bursts. */
  #wasJustExtended(key: string, { ttlSeconds }: StoredSession): boolean {
    const last = this.#extended.get(key);
    if (last === undefined || last.ttlSeconds !== ttlSeconds) return false;
    return this.#clock.now() - last.at < ttlSeconds * 1_000 * EXACTNESS;
  }

  async #stored(key: string): Promise<StoredSession | null> {
    const [stored = null] = await this.#values.getMultiple([key]);
    return stored as StoredSession | null;
  }
}

function keyOf(id: string): string {
  // Its own code units: halves of surrogate pairs would all be one in UTF-8.
  return createHash('sha256').update(checkedName(id), 'utf16le').digest('base64url');
}

function tagOf(userId: string | number | bigint): string {
  const isId = typeof userId === 'string' || typeof userId === 'number' || typeof userId === 'bigint';
  if (!isId || userId === '' || Number.isNaN(userId)) {
    throw new InvalidArgumentError(`${String(userId)} (${typeof userId}) cannot be the id of a user.`);
  }
  return String(userId);
}
