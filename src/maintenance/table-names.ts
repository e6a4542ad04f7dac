import { InvalidArgumentError } from '../errors.js';
import { type Catalog, displayName, type Relation } from './catalog.js';
import { closestNames } from './closest-names.js';
import { AmbiguousTableError, type UnknownTable, UnknownTableError } from './errors.js';

/**
 * The relations that names from outside stand for, each once, in the order of the names. A name never becomes part of
 * any SQL: it is looked up, and what the catalog says is what gets quoted.
 *
 * @throws UnknownTableError for all names that there are no relations for, with the closest ones that there are
 * @throws AmbiguousTableError for a bare name that several schemas have, all off the search path
 * @throws InvalidArgumentError for a list without names, or a name that is no text or is empty
 */
export function resolveTables(names: readonly string[], catalog: Catalog): readonly Relation[] {
  if (!Array.isArray(names) || names.length === 0) {
    throw new InvalidArgumentError('tables names no table: leave it out to mean all of them.');
  }
  const found = new Map<number, Relation>();
  const unknown: UnknownTable[] = [];
  for (const name of names) {
    if (typeof name !== 'string' || name.trim() === '') {
      throw new InvalidArgumentError(`A table's name is ${JSON.stringify(name) ?? String(name)}.`);
    }
    const relation = resolve(name, catalog);
    if (relation === null) unknown.push({ name, closest: closestNames(name, catalog.userTables) });
    else found.set(relation.oid, relation);
  }
  if (unknown.length > 0) throw new UnknownTableError(unknown);
  return [...found.values()];
}

function resolve(name: string, catalog: Catalog): Relation | null {
  // Literally first, since `odd.name` and `Users` may be the whole name of a table; then as SQL would read it.
  const readings: readonly (readonly string[])[] = [
    [name],
    splitIdentifier(name, false),
    splitIdentifier(name, true),
  ];
  for (const parts of readings) {
    const relation = find(parts, name, catalog);
    if (relation !== null) return relation;
  }
  return null;
}

function find(parts: readonly string[], given: string, catalog: Catalog): Relation | null {
  const [last, schema, ...tooMany] = [...parts].reverse();
  if (last === undefined || tooMany.length > 0) return null;
  const named = catalog.relations.filter((relation) => relation.name === last);
  if (schema !== undefined) return named.find((relation) => relation.schema === schema) ?? null;
  const visible =
    named.find(({ isVisible, kind }) => isVisible && 'rpmf'.includes(kind)) ??
    named.find(({ isVisible }) => isVisible);
  if (visible !== undefined) return visible;
  const hidden = named.filter(({ isSystem }) => !isSystem);
  if (hidden.length > 1) throw new AmbiguousTableError(given, hidden.map(displayName));
  return hidden[0] ?? null;
}

/** The parts of a dotted name; what is quoted is kept, what is not is folded to lower case where asked. */
function splitIdentifier(name: string, fold: boolean): readonly string[] {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([^".]+))\s*(\.|$)/y;
  while (part.lastIndex < name.length) {
    const match = part.exec(name);
    if (match === null) return [];
    const [, quoted, bare = '', end] = match;
    parts.push(quoted?.replaceAll('""', '"') ?? (fold ? bare.trim().toLowerCase() : bare.trim()));
    if (end === '') return parts;
  }
  return []; // It ends in a dot.
}
