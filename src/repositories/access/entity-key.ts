import { canonicalOf, type IdType, idFrom } from '../../cache/index.js';
import { keyTypeOf, type ModelMetadata, type ScalarField } from '../../database/index.js';
import { InvalidArgumentError, WiringError } from '../../errors.js';

interface KeyPart {
  readonly field: string;
  readonly column: ScalarField;
  /** Null for a type of which one value has several spellings. */
  readonly type: IdType | null;
}

/** What the columns of whole numbers hold: https://www.postgresql.org/docs/15/datatype-numeric.html */
const RANGES: Readonly<Record<string, readonly [least: number | bigint, most: number | bigint]>> = {
  SmallInt: [-32_768, 32_767],
  Oid: [0, 4_294_967_295],
  Int: [-2_147_483_648, 2_147_483_647],
  BigInt: [-(2n ** 63n), 2n ** 63n - 1n],
};

/**
 * A unique key of a model: of one field, whose value stands for itself, or of several, whose values are an object. Gives a
 * value the one form in which it enters the cache's keys, and the `where` by which Prisma finds its row.
 */
export class EntityKey {
  readonly fields: readonly string[];
  readonly #model: string;
  readonly #parts: readonly KeyPart[];
  /** The name that a `where` has for a key of several fields. */
  readonly #compound: string;

  /**
   * @param fields of the key, in its order
   * @param type how values of the only field are written, where the metadata does not tell
   * @throws WiringError when the model has no such field
   */
  constructor(model: ModelMetadata, fields: readonly string[], type?: IdType) {
    this.#model = model.name;
    this.fields = fields;
    this.#parts = fields.map((field) => {
      const column = model.fields[field];
      if (column?.kind !== 'scalar') throw new WiringError(`${model.name} has no column "${field}".`);
      return { field, column, type: type ?? keyTypeOf(column) };
    });
    this.#compound =
      Object.entries(model.compoundKeys).find(([, key]) => key.join() === fields.join())?.[0] ??
      fields.join('_');
  }

  /** Whether each value has one form, so that an entry can be kept under it. */
  get isCacheable(): boolean {
    return this.#parts.length > 0 && this.#parts.every(({ type }) => type !== null);
  }

  /** Whether it is of one column that is true or false. */
  get isBoolean(): boolean {
    const [only, ...more] = this.#parts;
    return more.length === 0 && only?.column.type === 'Boolean';
  }

  /** The one form of a value, or null where it has none, or cannot be one of this key. */
  canonicalOrNull(value: unknown): string | null {
    const [first] = this.#parts;
    if (first === undefined) return null;
    if (this.#parts.length === 1) return canonicalPart(first, value);
    if (!isObject(value)) return null;
    const texts: string[] = [];
    for (const part of this.#parts) {
      const text = canonicalPart(part, value[part.field]);
      if (text === null) return null;
      texts.push(encodeURIComponent(text));
    }
    return texts.join(',');
  }

  /**
   * The one form of a value.
   *
   * @throws InvalidArgumentError when it cannot be one of this key, which would otherwise be a silent miss
   */
  canonical(value: unknown): string {
    const canonical = this.canonicalOrNull(value);
    if (canonical !== null) return canonical;
    throw this.refusal(value);
  }

  /**
   * The one form of a value, or null where it has none but may be that of a row: one of another type, or an empty text.
   *
   * @throws InvalidArgumentError when it cannot be one of this key
   */
  canonicalIfNamed(value: unknown): string | null {
    const canonical = this.canonicalOrNull(value);
    if (canonical === null) this.filter(value);
    return canonical;
  }

  /** The canonical form of the key that a row has, or null. */
  ofRow(row: object): string | null {
    const [only] = this.fields;
    return this.canonicalOrNull(this.fields.length === 1 ? Reflect.get(row, only ?? '') : row);
  }

  /** The value itself, as the methods of a repository take it. */
  valueIn(row: object): unknown {
    const [only] = this.fields;
    if (this.fields.length === 1) return Reflect.get(row, only ?? '');
    return Object.fromEntries(this.fields.map((field) => [field, Reflect.get(row, field)]));
  }

  /** What each field of the key says, of a canonical value. */
  textsOf(canonical: string): readonly string[] {
    return this.#parts.length === 1 ? [canonical] : canonical.split(',').map(decodeURIComponent);
  }

  /** The filter that only the row of this canonical value passes. */
  filterOf(canonical: string): Readonly<Record<string, unknown>> {
    const texts = this.textsOf(canonical);
    return Object.fromEntries(
      this.#parts.map(({ field, type }, index) => [field, idFrom(texts[index] ?? '', type ?? 'text')]),
    );
  }

  /** The `where` of a single row, of a filter on the fields of the key. */
  uniqueWhere(filter: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    if (this.fields.length === 1) return filter;
    return { [this.#compound]: Object.fromEntries(this.fields.map((field) => [field, filter[field]])) };
  }

  /**
   * The filter that only the row of this value passes, also for types that have no canonical form.
   *
   * @throws InvalidArgumentError when it cannot be a value of this key
   */
  filter(value: unknown): Readonly<Record<string, unknown>> {
    const canonical = this.canonicalOrNull(value);
    if (canonical !== null) return this.filterOf(canonical);
    const isSingle = this.#parts.length === 1;
    if (!isSingle && !isObject(value)) throw this.refusal(value);
    return Object.fromEntries(
      this.#parts.map((part) => [
        part.field,
        this.#checked(part, isSingle ? value : Reflect.get(value as object, part.field), value),
      ]),
    );
  }

  refusal(value: unknown): InvalidArgumentError {
    const expected = this.#parts
      .map(({ field, type, column }) =>
        this.#parts.length === 1 ? (type ?? column.type) : `${field}: ${type ?? column.type}`,
      )
      .join(', ');
    const shape = this.#parts.length === 1 ? expected : `{ ${expected} }`;
    return new InvalidArgumentError(
      `${shown(value)} cannot be the ${this.fields.join(' and ')} of a ${this.#model}: expected ${shape}.`,
      { context: { model: this.#model, fields: this.fields, expected: shape } },
    );
  }

  /** A value that names no entry, but may be that of a row. Prisma takes what is missing for "any". */
  #checked(key: KeyPart, part: unknown, value: unknown): unknown {
    const { type } = key;
    if (type !== null) {
      // An empty text names no entry. All else that does not, such as a null byte, no column holds either.
      if (canonicalPart(key, part) !== null || (type === 'text' && part === '')) return part;
      throw this.refusal(value);
    }
    const isMissing = part === undefined || part === null || (typeof part === 'number' && Number.isNaN(part));
    if (isMissing || typeof part === 'function' || typeof part === 'symbol') throw this.refusal(value);
    return part;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return `${JSON.stringify(value.slice(0, 80))} (string)`;
  if (isObject(value) && !(value instanceof Date)) {
    const parts = Object.entries(value).map(([name, part]) => `${name}: ${typeof part}`);
    return `{ ${parts.slice(0, 8).join(', ')} }`;
  }
  return `${String(value)} (${typeof value})`;
}

/** The one form of a value of one column; null where it has none, or is a number that the column cannot hold. */
function canonicalPart({ type, column }: KeyPart, value: unknown): string | null {
  const canonical = type === null ? null : canonicalOf(value, type);
  // Of a list without the generator's metadata, so its range is not known.
  if (canonical === null || column.list || (typeof value !== 'number' && typeof value !== 'bigint'))
    return canonical;
  const range = RANGES[column.nativeType ?? ''] ?? RANGES[column.type];
  return range === undefined || (value >= range[0] && value <= range[1]) ? canonical : null;
}
