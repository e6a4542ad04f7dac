import { InvalidArgumentError, ScopeRequiredError } from '../../errors.js';
import { checkedName } from './checked-name.js';
import { escaped } from './escaped.js';
import { parametersText } from './parameters.js';

/** What an entity is known by: text, a number, or the parts of a compound id by their names. */
export type NamedId = string | number | bigint | Readonly<Record<string, unknown>>;

/**
 * Builds the keys of entries from what they are about. Two keys are equal only where everything in them is. Text in them is
 * escaped: a `:` in it ends no part, and a `*` in it is no glob.
 *
 * Every method throws InvalidArgumentError for an empty name, for parameters that cannot be in a key (see
 * `parametersText`), and for a key of more than 512 KB, and ScopeRequiredError outside of a scope that is required.
 */
export interface KeyBuilder {
  /** `entity:id`. An id has one key, however it is written: `7`, `7n` and `'7'` are one. */
  entityKey(entity: string, id: NamedId): string;
  /** `entity:list:params`: a list of entities under these conditions. */
  listKey(entity: string, params?: unknown): string;
  /** `query:name:params`: the result of a query. */
  queryKey(name: string, params?: unknown): string;
  /** `report:type:params`: a report. */
  reportKey(type: string, params?: unknown): string;
}

/** For whom keys are built. */
export interface KeyBuilderOptions {
  /**
   * Who the keys are for, such as the tenant of the request: it stands first in every key, as `@acme:`. Null or an empty text
   * is nobody.
   *
   * @default nobody
   */
  readonly scope?: () => string | null;
  /** Whether keys for nobody are refused. @default false */
  readonly required?: boolean;
}

/** Makes a key builder. */
export function keyBuilder(options: KeyBuilderOptions = {}): KeyBuilder {
  const { scope = () => null, required = false } = options;
  const key = (...parts: readonly string[]): string =>
    checkedName(`${scopePrefix(scope(), required)}${parts.join(':')}`);
  return Object.freeze({
    entityKey: (entity: string, id: NamedId) => key(entityPart(entity), idPart(id)),
    listKey: (entity: string, params?: unknown) => key(entityPart(entity), 'list', paramsPart(params)),
    queryKey: (name: string, params?: unknown) => key('query', part('query', name), paramsPart(params)),
    reportKey: (type: string, params?: unknown) => key('report', part('report', type), paramsPart(params)),
  });
}

function scopePrefix(scope: string | null, required: boolean): string {
  const isNobody = scope === null || scope === undefined || scope === '';
  if (typeof scope === 'string' && !isNobody) return `@${escaped(scope)}:`;
  // Never a key for nobody because of a tenant that is a number.
  if (!isNobody)
    throw new InvalidArgumentError(`The scope of a key must be a text or null, not ${typeof scope}.`);
  if (!required) return '';
  throw new ScopeRequiredError(
    'A key was asked for outside of every scope. Build it where the scope is known, such as in withScope(...).',
  );
}

/** An entity that is called as another kind of key, or as a scope, gets its first letter escaped. */
function entityPart(entity: string): string {
  const text = part('entity', entity);
  const isTaken = text === 'query' || text === 'report' || text.startsWith('@');
  return isTaken ? `%${text.charCodeAt(0).toString(16).toUpperCase()}${text.slice(1)}` : text;
}

function part(what: string, name: string): string {
  if (typeof name === 'string' && name !== '') return escaped(name);
  throw new InvalidArgumentError(`The name of a key's ${what} must be a text that is not empty.`, {
    context: { argument: what },
  });
}

function idPart(id: NamedId): string {
  // Its brackets are in no escaped text, so no text is taken for an object.
  if (typeof id === 'object' && id !== null) return parametersText(id);
  const isId = typeof id === 'number' ? Number.isFinite(id) : typeof id === 'bigint';
  if (isId || typeof id === 'string') return part('id', String(id));
  throw new InvalidArgumentError(`${String(id)} (${typeof id}) cannot be the id in a key.`, {
    context: { argument: 'id' },
  });
}

/** None at all are the same as an empty object. */
function paramsPart(params: unknown): string {
  return parametersText(params === undefined ? {} : params);
}
