import { types } from 'node:util';
import { type SchemaMetadata, snapshotArguments } from '../../database/index.js';
import { InvalidArgumentError } from '../../errors.js';

const DEEPEST = 64;
const FILTERS = new Set(['where', 'having', 'cursor']);
/** What takes a filter inside a nested write. */
const NESTED_FILTERS = new Set(['connect', 'delete', 'deleteMany', 'disconnect', 'set']);

const relations = new WeakMap<SchemaMetadata, ReadonlySet<string>>();

/** Looks through the arguments of calls on one model. */
export class ArgumentChecker {
  readonly #model: string;
  readonly #relations: ReadonlySet<string>;

  constructor(metadata: SchemaMetadata, model: string) {
    this.#model = model;
    this.#relations = relationsOf(metadata);
  }

  /**
   * The arguments of a call as they are now, when they can be meant.
   *
   * @throws InvalidArgumentError where a filter holds `undefined`, which Prisma would take for "any" and so match rows that
   * nobody meant, and for a text with a null byte, which PostgreSQL cannot hold
   */
  checked<T extends object>(args: T): T {
    this.#check(args, { filters: false, parent: '', path: '', depth: 0 });
    return snapshotArguments(args);
  }

  #check(
    value: unknown,
    at: { readonly filters: boolean; readonly parent: string; readonly path: string; readonly depth: number },
  ): void {
    if (typeof value === 'string') {
      if (value.includes('\0'))
        throw this.#refusal(at.path, 'holds a null byte, which PostgreSQL cannot store');
      return;
    }
    if (typeof value !== 'object' || value === null || at.depth === DEEPEST) return;
    if (types.isDate(value) || ArrayBuffer.isView(value)) return;
    const inRelation = this.#relations.has(at.parent);
    for (const name of Object.keys(value)) {
      const inner: unknown = (value as Readonly<Record<string, unknown>>)[name];
      const path = at.path === '' ? name : `${at.path}.${name}`;
      if (inner !== undefined) {
        const filters = at.filters || FILTERS.has(name) || (inRelation && NESTED_FILTERS.has(name));
        const parent = Array.isArray(value) ? at.parent : name;
        this.#check(inner, { filters, parent, path, depth: at.depth + 1 });
      } else if (at.filters) {
        throw this.#refusal(
          path,
          'is undefined, which Prisma would take for "any": leave it out, or give Prisma.skip',
        );
      }
    }
  }

  #refusal(path: string, reason: string): InvalidArgumentError {
    return new InvalidArgumentError(`${path} of a ${this.#model} ${reason}.`, {
      context: { model: this.#model, argument: path },
    });
  }
}

function relationsOf(metadata: SchemaMetadata): ReadonlySet<string> {
  let names = relations.get(metadata);
  if (names === undefined) {
    names = new Set(
      Object.values(metadata.models).flatMap(({ fields }) =>
        Object.keys(fields).filter((name) => fields[name]?.kind === 'relation'),
      ),
    );
    relations.set(metadata, names);
  }
  return names;
}
