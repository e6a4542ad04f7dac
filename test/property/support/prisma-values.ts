import { Decimal } from '@prisma/client/runtime/client';
import fc from 'fast-check';

// PostgreSQL's timestamps reach from 4713 BC to 294276 AD; what a Date cannot hold of that, Prisma gives as an invalid one.
const date = fc.oneof(
  fc.date({ min: new Date('1969-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
  fc.date(),
  fc.constantFrom(new Date(Number.NaN), new Date(-1), new Date(2 ** 47), new Date(-(2 ** 47) - 1)),
);

const digits = fc.stringMatching(/^[0-9]{1,40}$/);
const decimal = fc.oneof(
  fc.tuple(fc.constantFrom('', '-'), digits, digits).map(([sign, a, b]) => new Decimal(`${sign}${a}.${b}`)),
  fc
    .tuple(digits, fc.integer({ min: -16_383, max: 131_000 }))
    .map(([coefficient, e]) => new Decimal(`${coefficient}e${e}`)),
  fc.constantFrom('-0', 'NaN', 'Infinity', '-Infinity', '9'.repeat(1_000)).map((text) => new Decimal(text)),
);

const number = fc.oneof(
  fc.integer({ min: -300, max: 300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constant(-0),
);

const bigInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }),
);

const lengths = fc.integer({ min: 0, max: 1_000 });
const text = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.string({ unit: 'binary' }),
  // Code units at random, so that surrogates stand alone.
  fc.array(fc.integer({ min: 0xd780, max: 0xe080 })).map((units) => String.fromCharCode(...units)),
  fc.tuple(fc.constantFrom('a', 'é', 'ā', '漢', '🦊', '\ud83e'), lengths).map(([unit, n]) => unit.repeat(n)),
);

const key = fc.oneof(
  { weight: 8, arbitrary: fc.stringMatching(/^[a-z][A-Za-z0-9_]{0,8}$/) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toJSON', '', 'length', 'then', '_count'),
  },
  { weight: 1, arbitrary: fc.nat({ max: 3_000 }).map(String) },
  { weight: 1, arbitrary: text },
);

const scalar = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 4, arbitrary: number },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 2, arbitrary: fc.constantFrom(null, undefined) },
  { weight: 2, arbitrary: date },
  { weight: 1, arbitrary: decimal },
  { weight: 1, arbitrary: bigInteger },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }).map((bytes) => new Uint8Array(bytes)) },
);

/**
 * Any value that Prisma can return or a cache entry can hold, and many that it cannot: all kinds of scalars at any place,
 * objects of any keys, lists of anything, and lists of rows with equal keys.
 */
export const prismaValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 6 }) },
    { weight: 2, arbitrary: fc.array(fc.tuple(key, tie('value')), { maxLength: 8 }).map(objectOf) },
    { weight: 1, arbitrary: rows(tie('value')) },
  ),
})).value;

function rows(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(
      fc.uniqueArray(key, { maxLength: 4 }),
      fc.array(fc.tuple(value, value, value, value), { maxLength: 4 }),
    )
    .map(([keys, lines]) => lines.map((line) => objectOf(keys.map((name, index) => [name, line[index]]))));
}

/** Not by assignment: that would take a value under `__proto__` for the object's prototype. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  }
  return object;
}
