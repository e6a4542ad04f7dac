import { CacheUnavailableError } from '../errors.js';
import { newEpoch } from './epoch.js';
import type { RedisConnection } from './redis-connection.js';
import { FENCE, FILL, GUARD_LENGTH, LIFT, READ } from './redis-scripts.js';
import type {
  EntryKey,
  FenceTargets,
  Fill,
  ModelScope,
  ReadOutcome,
  ReadReply,
  SharedStore,
} from './shared-store.js';

const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });

const VALUE = 'V'.charCodeAt(0);
const FENCE_MARK = 'F'.charCodeAt(0);
const BUSY_MARK = 'B'.charCodeAt(0);

/** The shared cache in one Redis server: each operation is one script, and so one round trip. */
export class RedisStore implements SharedStore {
  readonly kind = 'redis';
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  connect(): Promise<void> {
    return this.#connection.open();
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  ping(): Promise<void> {
    return this.#connection.ping();
  }

  async read(
    scope: ModelScope,
    keys: readonly EntryKey[],
    token: string,
    leaseMs: number,
  ): Promise<ReadReply> {
    const reply = await this.#connection.run(
      READ,
      [scope.namespaceEpochKey, scope.epochKey, scope.fenceKey, ...pairs(keys)],
      [token, String(leaseMs), newEpoch(), newEpoch()],
    );
    if (!Array.isArray(reply) || reply.length !== keys.length + 1) throw unexpected('read', reply);
    const [guard, ...entries] = reply as Buffer[];
    return { guard: String(guard), outcomes: entries.map(outcomeOf) };
  }

  async fill(scope: ModelScope, fills: readonly Fill[]): Promise<number> {
    const reply = await this.#connection.run(
      FILL,
      [scope.namespaceEpochKey, scope.epochKey, ...fills.map((fill) => fill.key.entry)],
      fills.flatMap((fill) => [
        fill.guard,
        fill.token,
        fill.value === null ? '' : String(fill.ttlMs),
        fill.value ?? '',
      ]),
    );
    if (typeof reply !== 'number') throw unexpected('fill', reply);
    return reply;
  }

  async fence(targets: FenceTargets, token: string, fenceMs: number): Promise<void> {
    await this.#connection.run(FENCE, targetKeys(targets), [
      token,
      String(fenceMs),
      String(targets.keys.length),
      ...targets.scopes.map(newEpoch),
    ]);
  }

  async lift(targets: FenceTargets, token: string): Promise<void> {
    await this.#connection.run(LIFT, targetKeys(targets), [
      token,
      String(targets.keys.length),
      ...targets.scopes.map(newEpoch),
    ]);
  }

  changeEpoch(namespaceEpochKey: string): Promise<void> {
    return this.#connection.set(namespaceEpochKey, newEpoch());
  }
}

function outcomeOf(entry: Buffer): ReadOutcome {
  switch (entry[0]) {
    case VALUE:
      return { kind: 'hit', value: entry.subarray(1 + GUARD_LENGTH) };
    case FENCE_MARK:
      return FENCED;
    case BUSY_MARK:
      return BUSY;
    default:
      return LEASE;
  }
}

function pairs(keys: readonly EntryKey[]): string[] {
  return keys.flatMap((key) => [key.entry, key.fence]);
}

function targetKeys(targets: FenceTargets): string[] {
  return [...pairs(targets.keys), ...targets.scopes.flatMap((scope) => [scope.epochKey, scope.fenceKey])];
}

function unexpected(operation: string, reply: unknown): CacheUnavailableError {
  return new CacheUnavailableError(`Redis gave no usable answer to "${operation}". Is it Redis 7 or later?`, {
    context: { operation, replyType: Array.isArray(reply) ? `array of ${reply.length}` : typeof reply },
  });
}
