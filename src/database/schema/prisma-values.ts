/*
 * The values with which Prisma says more than JSON can. They are told by what they can do, not by `instanceof`: two
 * copies of Prisma's runtime may meet in one process, one loaded by `import` and one by `require`.
 */

/** A name of Prisma's for a null of JSON: `DbNull`, `JsonNull` or `AnyNull`. */
export type NullKind = 'DbNull' | 'JsonNull' | 'AnyNull';

/** A column named as a value, such as `prisma.user.fields.email`. */
export interface FieldReference {
  readonly modelName: string;
  readonly name: string;
}

/** What Prisma takes for a Decimal: decimal.js of any copy. */
export interface DecimalLike {
  readonly s: number;
  readonly e: number;
  readonly d: readonly number[];
  toFixed(): string;
}

// Set by @prisma/client-runtime-utils 7 on every null kind, to be known across copies.
const OBJECT_ENUM_VALUE = Symbol.for('prisma.objectEnumValue');

/** Whether the value is `Prisma.skip`. */
export function isSkip(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { ifUndefined } = value as { ifUndefined?: unknown };
  // It has no other mark: its one method returns itself for what is undefined.
  return (
    typeof ifUndefined === 'function' &&
    !Object.hasOwn(value, 'ifUndefined') &&
    ifUndefined.call(value, undefined) === value
  );
}

/** Which null of Prisma's the value is; null when it is none. */
export function nullKindOf(value: object): NullKind | null {
  if (!Reflect.has(value, OBJECT_ENUM_VALUE)) return null;
  const { _getName: nameOf } = value as { _getName?: unknown };
  const name: unknown = typeof nameOf === 'function' ? nameOf.call(value) : undefined;
  return name === 'DbNull' || name === 'JsonNull' || name === 'AnyNull' ? name : null;
}

export function isFieldReference(value: object): value is FieldReference {
  const candidate = value as Partial<FieldReference> & { _toGraphQLInputType?: unknown };
  return (
    typeof candidate._toGraphQLInputType === 'function' &&
    typeof candidate.modelName === 'string' &&
    typeof candidate.name === 'string'
  );
}

export function isDecimalLike(value: object): value is DecimalLike {
  const candidate = value as Partial<DecimalLike>;
  return (
    typeof candidate.s === 'number' &&
    typeof candidate.e === 'number' &&
    Array.isArray(candidate.d) &&
    typeof candidate.toFixed === 'function'
  );
}

/** An object as a literal makes it, of this realm or another, which does not say itself how it is to be written. */
export function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isLiteral =
    prototype === null ||
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'));
  return isLiteral && typeof (value as { toJSON?: unknown }).toJSON !== 'function';
}
