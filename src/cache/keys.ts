import { InvalidArgumentError } from '../errors.js';
import type { EntryKey, ModelScope } from './shared-store.js';

/** A primary key of one column. */
export type EntityId = string | number | bigint;

/** How the ids of a model are written, so that one row has one key. */
export type IdType = 'uuid' | 'text' | 'integer' | 'bigint';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The one form in which an id enters a key. PostgreSQL takes a uuid in either case, so without this two keys would
 * stand for one row, and a write through one of them would leave the other stale.
 *
 * @throws InvalidArgumentError when the id cannot be one of this type, which would otherwise be a silent miss
 */
export function canonicalId(id: unknown, type: IdType, model: string): string {
  switch (type) {
    case 'uuid':
      if (typeof id === 'string' && UUID.test(id)) return id.toLowerCase();
      break;
    case 'text':
      if (typeof id === 'string' && id.length > 0 && !id.includes('\0')) return id;
      break;
    case 'integer':
      if (Number.isSafeInteger(id)) return String(id);
      break;
    case 'bigint':
      if (typeof id === 'bigint') return String(id);
      break;
  }
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

/** The names of all keys under one prefix and one shape of the schema. */
export class KeySpace {
  readonly #namespace: string;

  constructor(prefix: string, schemaFingerprint: string) {
    this.#namespace = `${prefix}:${schemaFingerprint}`;
  }

  get epochKey(): string {
    return `{${this.#namespace}}:epoch`;
  }

  scope(model: string): ModelScope {
    return Object.freeze({
      model,
      namespaceEpochKey: this.epochKey,
      epochKey: `{${this.#namespace}:${model}}:epoch`,
      fenceKey: `{${this.#namespace}:${model}}:fence`,
    });
  }

  /** An entry's key ends in a brace and its fence's does not, so no id makes one the other. */
  entry(model: string, canonical: string): EntryKey {
    const entry = `{${this.#namespace}:${model}:${canonical}}`;
    return { entry, fence: `${entry}:fence` };
  }
}
