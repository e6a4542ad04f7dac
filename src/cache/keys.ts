import { InvalidArgumentError } from '../errors.js';
import type { EntryKey, Guard } from './store/shared-store.js';

/** A primary key of one column. */
export type EntityId = string | number | bigint;

/** How the ids of a model are written, so that one row has one key. */
export type IdType = 'uuid' | 'text' | 'integer' | 'bigint';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The one form in which a value of a key column enters a key; null for what cannot be one of this type. */
export function canonicalOf(value: unknown, type: IdType): string | null {
  switch (type) {
    case 'uuid':
      return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : null;
    case 'text':
      // PostgreSQL holds neither NUL nor half a surrogate pair, and in Redis's bytes two of the latter would be one key.
      return typeof value === 'string' && value.length > 0 && !value.includes('\0') && value.isWellFormed()
        ? value
        : null;
    case 'integer':
      return Number.isSafeInteger(value) ? String(value) : null;
    case 'bigint':
      return typeof value === 'bigint' ? String(value) : null;
  }
}

/**
 * The one form in which an id enters a key. PostgreSQL takes a uuid in either case, so without this two keys would
 * stand for one row, and a write through one of them would leave the other stale.
 *
 * @throws InvalidArgumentError when the id cannot be one of this type, which would otherwise be a silent miss
 */
export function canonicalId(id: unknown, type: IdType, model: string): string {
  const canonical = canonicalOf(id, type);
  if (canonical !== null) return canonical;
  const shown = typeof id === 'string' ? JSON.stringify(id.slice(0, 80)) : String(id);
  throw new InvalidArgumentError(
    `${shown} (${typeof id}) cannot be the id of a ${model}: expected ${type}.`,
    {
      context: { model, idType: type },
    },
  );
}

/** The id that a canonical form stands for, as Prisma takes it. */
export function idFrom(canonical: string, type: IdType): EntityId {
  if (type === 'integer') return Number(canonical);
  return type === 'bigint' ? BigInt(canonical) : canonical;
}

/** A table, as keys and announcements name it. Not the model: two versions of a schema may call one table differently. */
export interface KeyedModel {
  readonly table: string;
  readonly schema: string | null;
}

/**
 * The names of all keys under one prefix. The shape of the schema is not among them: while a new version of a service is
 * rolled out, processes of both must invalidate the same entries. It stands in the entries instead.
 */
export class KeySpace {
  readonly #prefix: string;
  readonly namespace: Guard;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.namespace = this.#guard(`{${prefix}}:all`);
  }

  /** The processes that use this cache. */
  get registry(): string {
    return `{${this.#prefix}}:processes`;
  }

  /** Which server this was the last time a process looked. */
  get identity(): string {
    return `{${this.#prefix}}:server`;
  }

  /** The channel of announcements and heartbeats. */
  get channel(): string {
    return `${this.#prefix}:changes`;
  }

  /** The channel on which a process is told that its announcements were heard. */
  acknowledgements(process: string): string {
    return `${this.#prefix}:heard:${process}`;
  }

  /** What all cached rows of a table hang on. */
  rows(model: KeyedModel): Guard {
    return this.#guard(`{${this.#table(model)}}:rows`);
  }

  /** What all lists, counts and other queries that read a table hang on. */
  lists(model: KeyedModel): Guard {
    return this.#guard(`{${this.#table(model)}}:lists`);
  }

  /** What every "there is none" about a table hangs on. */
  absence(model: KeyedModel): Guard {
    return this.#guard(`{${this.#table(model)}}:absence`);
  }

  /** One row. Ends in a brace, which the key of a fence or a guard does not, so no id makes one the other. */
  entity(model: KeyedModel, canonical: string): EntryKey {
    return `{${this.#table(model)}:${canonical}}`;
  }

  /** Which row has this value in this unique field. */
  alias(model: KeyedModel, field: string, canonical: string): EntryKey {
    return `{${this.#table(model)}@${encodeURIComponent(field)}:${canonical}}`;
  }

  /** The result of a query of a model; `hash` stands for its arguments. */
  query(model: KeyedModel, operation: string, hash: string): EntryKey {
    return `{${this.#table(model)}?${operation}:${hash}}`;
  }

  #table({ table, schema }: KeyedModel): string {
    // A slash cannot be in a prefix, nor any of the marks used here in a name that is encoded: no two keys meet.
    return [this.#prefix, ...(schema === null ? [] : [schema]), table]
      .map((part, index) => (index === 0 ? part : encodeURIComponent(part)))
      .join('/');
  }

  #guard(name: string): Guard {
    return Object.freeze({ version: name, fences: `${name}:fence` });
  }
}
