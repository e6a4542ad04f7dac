import { createHash } from 'node:crypto';
import { keyTypeOf, type ModelMetadata } from '../database/index.js';
import { InvalidArgumentError } from '../errors.js';
import type { EntryKey, Guard } from './store/shared-store.js';

/** A primary key of one column. */
export type EntityId = string | number | bigint;

/** How the ids of a model are written, so that one row has one key. */
export type IdType = 'uuid' | 'text' | 'integer' | 'bigint';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The one form in which a value of a key column enters a key; null for what cannot be one of this type. */
export function canonicalOf(value: unknown, type: IdType): string | null {
  switch (type) {
    case 'uuid':
      return typeof value === 'string' ? canonicalUuid(value) : null;
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

function canonicalUuid(text: string): string | null {
  // PostgreSQL and Prisma write them so, and a copy would be thrown away at once.
  if (UUID.test(text)) return text;
  const lower = text.toLowerCase();
  return UUID.test(lower) ? lower : null;
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

/**
 * The one form of a row's primary key: of one field, that of its value; of several, those of its parts in their order, with
 * commas between. Null where the value is none of this model, or a part of a type of which one value has several spellings.
 *
 * @param id the value of the one field, or an object of the parts
 */
export function canonicalKey(model: ModelMetadata, id: unknown): string | null {
  const [only, ...more] = model.id;
  if (only === undefined) return null;
  if (more.length === 0) return canonicalPart(model, only, id);
  if (typeof id !== 'object' || id === null) return null;
  const parts: string[] = [];
  for (const field of model.id) {
    const part = canonicalPart(model, field, Reflect.get(id, field));
    if (part === null) return null;
    parts.push(encodeURIComponent(part));
  }
  return parts.join(',');
}

function canonicalPart(model: ModelMetadata, name: string, value: unknown): string | null {
  const field = model.fields[name];
  const type = field?.kind === 'scalar' ? keyTypeOf(field) : null;
  return type === null ? null : canonicalOf(value, type);
}

/** The id that a canonical form stands for, as Prisma takes it. */
export function idFrom(canonical: string, type: IdType): EntityId {
  if (type === 'integer') return Number(canonical);
  return type === 'bigint' ? BigInt(canonical) : canonical;
}

// Characters that mean nothing in a key, and a length that keeps keys short; other names are hashed.
const PLAIN_NAME = /^[\w.:@-]{1,120}$/;

/** A name that a caller chose, as it stands in a key: as it is, or its hash, which begins with what no plain name holds. */
function nameInKey(name: string): string {
  return PLAIN_NAME.test(name) ? name : hashInKey(name);
}

const MAX_VALUE_NAME = 200;

/** A name as it stands in the key of a value: such that it can be read there, where it is not too long. */
function valueNameInKey(name: string): string {
  if (name.length <= MAX_VALUE_NAME && name.isWellFormed()) {
    // Colons are what names are made of, and mean nothing in a key.
    const encoded = encodeURIComponent(name).replaceAll('%3A', ':');
    if (encoded.length <= MAX_VALUE_NAME) return encoded;
  }
  return hashInKey(name);
}

function hashInKey(name: string): string {
  // Its own code units: halves of surrogate pairs would all be one in UTF-8.
  return `#${createHash('sha256').update(name, 'utf16le').digest('base64url')}`;
}

/** Whether the key of a value is only a hash of its name. */
export function isHashedInKey(name: string): boolean {
  return valueNameInKey(name).startsWith('#');
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
  /** How tables stand in keys. */
  readonly #tables = new WeakMap<KeyedModel, string>();
  readonly namespace: Guard;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.namespace = this.#guard(`{${prefix}}:all`);
  }

  /** Whether a key of the store is one of these. */
  isOwn(key: string): boolean {
    return key.startsWith(`{${this.#prefix}}`) || key.startsWith(`{${this.#prefix}/`);
  }

  /** Whether it is that of a counter or a set of the application. */
  isTally(key: string): boolean {
    return key.startsWith(this.valuesBeginning) && /}:(counter|members)$/.test(key);
  }

  /** Whether it is that of a session. */
  isSession(key: string): boolean {
    return key.startsWith(`{${this.#prefix}//$`);
  }

  /** The processes that use this cache. */
  get registry(): string {
    return `{${this.#prefix}}:processes`;
  }

  /** Which server this was the last time a process looked. */
  get identity(): string {
    return `{${this.#prefix}}:server`;
  }

  /** The right to run the warmer of this name. */
  warmer(name: string): EntryKey {
    return `{${this.#prefix}}:warmer:${nameInKey(name)}`;
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

  /**
   * What all lists, counts and other queries that read a table hang on: changes of it of which it is not known which tags
   * they concern.
   */
  lists(model: KeyedModel): Guard {
    return this.#guard(`{${this.#table(model)}}:lists`);
  }

  /** Changes of a table of which it is known which tags they concern. Queries hang on it that see rows of any tag. */
  taggedChanges(model: KeyedModel): Guard {
    return this.#guard(`{${this.#table(model)}}:tagged`);
  }

  /**
   * The same changes, told apart by the rule by which their writer knows the tags of a row. While a new version of a service
   * is rolled out, processes of both rules write, and those of one do not know the tags of the other. So what hangs on tags of
   * one rule hangs on all changes under other rules.
   *
   * @param rule eight characters
   */
  otherRules(model: KeyedModel, rule: string): Guard {
    return Object.freeze({ ...this.#guard(`{${this.#table(model)}}:rules`), rule });
  }

  /** All that bears a tag, of any table. Any text is a tag. */
  tag(name: string): Guard {
    return this.#guard(`{${this.#prefix}//${nameInKey(name)}}:tag`);
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

  /**
   * A named value. The name stands in the key as it is, percent-encoded where it holds what means something there, so that it
   * can be read from the key; one that is long, or no well-formed text, is hashed.
   */
  value(name: string): EntryKey {
    return `{${this.#value(name)}}`;
  }

  /** What the keys of all named values begin with. */
  get valuesBeginning(): string {
    return `{${this.#prefix}//=`;
  }

  /** The name of the value that has this key; null where it is hashed, or the key is not of a value. */
  nameOfValue(key: EntryKey): string | null {
    const beginning = this.valuesBeginning;
    if (!key.startsWith(beginning) || !key.endsWith('}') || key[beginning.length] === '#') return null;
    return decodeURIComponent(key.slice(beginning.length, -1));
  }

  /** Whether a key is that of a named value, and not of what belongs to it. */
  isValue(key: EntryKey): boolean {
    return key.startsWith(this.valuesBeginning) && key.endsWith('}');
  }

  /** What belongs to a value, in the same slot: a counter or a set of the same name, and the right to compute it anew. */
  besideValue(name: string, kind: 'counter' | 'members' | 'refresh'): EntryKey {
    return `{${this.#value(name)}}:${kind}`;
  }

  /** What the values hang on that depend on the one of this name. */
  dependents(name: string): Guard {
    return this.#guard(`{${this.#value(name)}}:dependents`);
  }

  /** A session, by the hash of its id. */
  session(hash: string): EntryKey {
    return `{${this.#prefix}//$${hash}}`;
  }

  /** What the sessions of one user hang on. */
  sessionsOf(user: string): Guard {
    return this.#guard(`{${this.#prefix}//$${nameInKey(user)}}:sessions`);
  }

  #value(name: string): string {
    return `${this.#prefix}//=${valueNameInKey(name)}`;
  }

  /** The result of a query of a model; `hash` stands for its arguments. */
  query(model: KeyedModel, operation: string, hash: string): EntryKey {
    return `{${this.#table(model)}?${operation}:${hash}}`;
  }

  #table(model: KeyedModel): string {
    let name = this.#tables.get(model);
    if (name === undefined) {
      const { table, schema } = model;
      // A slash cannot be in a prefix, nor any of the marks used here in a name that is encoded: no two keys meet.
      name = [this.#prefix, ...[...(schema === null ? [] : [schema]), table].map(encodeURIComponent)].join(
        '/',
      );
      this.#tables.set(model, name);
    }
    return name;
  }

  #guard(name: string): Guard {
    return Object.freeze({ version: name, fences: `${name}:fence` });
  }
}
