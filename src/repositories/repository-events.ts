import type { InvalidationRules } from '../cache/index.js';
import type { Logger } from '../config/index.js';

/** What repositories tell of, each after the commit. Of a transaction that is rolled back nothing is told. */
export interface RepositoryEvents<Entity> {
  /** An entity was stored. `after` is null where the write selected only some of its fields. */
  created: { readonly model: string; readonly after: Entity | null };
  /** An entity was changed. `before` is null where the repository did not need to know it, `after` as in `created`. */
  updated: {
    readonly model: string;
    readonly id: unknown;
    readonly before: Entity | null;
    readonly after: Entity | null;
  };
  /** An entity was deleted, softly or for good. */
  deleted: { readonly model: string; readonly id: unknown; readonly before: Entity | null };
  /** An upsert stored or changed an entity: which, PostgreSQL does not tell. */
  upserted: { readonly model: string; readonly after: Entity | null };
  /** `createMany`, `updateMany` or `deleteMany` changed so many entities. */
  changedMany: {
    readonly model: string;
    readonly operation: 'createMany' | 'updateMany' | 'deleteMany';
    readonly count: number;
    readonly where: unknown;
  };
}

/** The name of an event of repositories. */
export type RepositoryEventName = keyof RepositoryEvents<unknown>;

type Listener = (event: never) => void;

/** What events make invalid in the cache: see `CacheManager.invalidateOn`. */
export type EventRules = Pick<InvalidationRules, 'hears' | 'emit'>;

/**
 * Who wants to hear of what: listeners, and the cache's rules for `<Model>.<event>`. A listener that fails is logged, and concerns
 * neither the write nor the others.
 */
export class EventListeners<Entity> {
  readonly #model: string;
  readonly #logger: Logger;
  readonly #rules: EventRules;
  readonly #listeners = new Map<RepositoryEventName, Set<Listener>>();

  constructor(model: string, logger: Logger, rules: EventRules) {
    this.#model = model;
    this.#logger = logger;
    this.#rules = rules;
  }

  add<Name extends RepositoryEventName>(
    name: Name,
    listener: (event: RepositoryEvents<Entity>[Name]) => void,
  ): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // Of its own, so that one function added twice is heard twice, and taken away once at a time.
    const own: Listener = (event) => listener(event);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  hears(name: RepositoryEventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0 || this.#rules.hears(this.#ruleOf(name));
  }

  tell<Name extends RepositoryEventName>(name: Name, event: RepositoryEvents<Entity>[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      Promise.resolve(event as never)
        .then(listener)
        .catch((error: unknown) => {
          this.#logger.error({ err: error, event: name }, 'a listener of a repository failed');
        });
    }
    // Never rejects: what fails is counted, and logged.
    void this.#rules.emit(this.#ruleOf(name), event);
  }

  #ruleOf(name: RepositoryEventName): string {
    return `${this.#model}.${name}`;
  }
}
