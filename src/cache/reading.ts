import type { Flight } from './near/near-cache.js';
import type { EntryKey } from './store/shared-store.js';

/** Reads a value from the database, by the canonical id that the reader gave. */
export interface Load<Value> {
  (id: string): Promise<Value | null>;
  /** Reads several at once, in their order. Where there is none, each is read by itself. */
  readonly all?: (ids: readonly string[]) => Promise<readonly (Value | null)[]>;
}

// One function for all promises, where one for each would be made and thrown away at once.
let resolve: (value: never) => void;
let reject: (error: unknown) => void;

function keepSettlers(resolveIt: (value: never) => void, rejectIt: (error: unknown) => void): void {
  resolve = resolveIt;
  reject = rejectIt;
}

/**
 * A read that is under way, with what is needed to decide whether another may share it. All who share it wait for one
 * promise, its only one: a promise costs as much as decoding two columns.
 */
export class Reading<Value> {
  /**
   * One is kept, here and of `Leading`: when a full collection finds no object of a shape, V8 forgets the shape, and throws away all
   * code that it had optimized for it. A service that was idle for a moment would go on with slow reads.
   */
  static readonly kept: object = new Reading('', async () => null, '', 0, null, 0, 0);
  readonly key: EntryKey;
  readonly load: Load<Value>;
  readonly id: string;
  readonly ttlMs: number;
  readonly flight: Flight | null;
  readonly generation: number;
  readonly absentGeneration: number;
  readonly answer: Promise<Value | null>;
  /** Until it is sent, anyone may join. */
  sent = false;
  /** It found a writer at work, or no store, so its answer is nobody else's. */
  alone = false;
  /** Until when it waits for a value that another is loading; 0 before it has met one. */
  waitsUntil = 0;
  /** How often it has looked for that. */
  polls = 0;
  readonly resolve: (value: Value | null) => void;
  readonly reject: (error: unknown) => void;

  /** @param generation of what values hang on, and `absentGeneration` of what "there is none" hangs on, as it set out */
  constructor(
    key: EntryKey,
    load: Load<Value>,
    id: string,
    ttlMs: number,
    flight: Flight | null,
    generation: number,
    absentGeneration: number,
  ) {
    this.key = key;
    this.load = load;
    this.id = id;
    this.ttlMs = ttlMs;
    this.flight = flight;
    this.generation = generation;
    this.absentGeneration = absentGeneration;
    this.answer = new Promise(keepSettlers);
    this.resolve = resolve as (value: Value | null) => void;
    this.reject = reject;
  }
}

/** A load under a lease of this process. Those of its readers who find the key leased wait for its end here. */
export class Leading {
  static readonly kept: object = new Leading();
  #ended: Promise<void> | null = null;
  #end: (() => void) | null = null;

  /** Resolves when the value was filled, or will not be. */
  get ended(): Promise<void> {
    this.#ended ??= new Promise((resolve) => {
      this.#end = resolve;
    });
    return this.#ended;
  }

  end(): void {
    this.#end?.();
  }
}

/** A function that answers with nothing at all means null as well. */
export function isNone<Value>(value: Value | null | undefined): value is null | undefined {
  return value === null || value === undefined;
}
