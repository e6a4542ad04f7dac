import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { AnyNull, DbNull, Decimal, JsonNull, skip } from '@prisma/client/runtime/client';
import fc from 'fast-check';
import { canonicalArguments } from '../../../../src/database/index.js';
import { PrismaClient } from '../../../../src/domain/index.js';

const RUNS = Number(process.env['CANONICAL_ARGUMENTS_RUNS'] ?? 5_000);
const required = createRequire(import.meta.url)('@prisma/client/runtime/client') as {
  readonly DbNull: unknown;
  readonly JsonNull: unknown;
  readonly skip: unknown;
  readonly Decimal: typeof Decimal;
};
const client = new PrismaClient({
  adapter: new PrismaPg({ connectionString: 'postgresql://nowhere.invalid' }),
});

class Money {
  readonly amount = 1;
}

/** Few values, and such as look like each other or like the text's own signs, so that different arguments come close. */
const leaf = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -0,
    1,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e21,
    0n,
    1n,
    -1n,
  ),
  fc.constantFrom(
    '',
    '0',
    '1',
    'n',
    't',
    '#1',
    'i1',
    '{}',
    '[]',
    ',',
    '"',
    '":',
    '\\',
    'D0',
    'NDbNull',
    '\ud800',
    'ä',
  ),
  fc.constantFrom<unknown>(DbNull, JsonNull, AnyNull, client.user.fields.email, client.user.fields.name),
  fc.constantFrom(0, 1, -1, 8.64e15).map((time) => new Date(time)),
  fc.constantFrom('0', '1', '1.5', '-1', '1e30').map((digits) => new Decimal(digits)),
  fc.constantFrom([], [0], [0, 0], [255]).map((bytes) => new Uint8Array(bytes)),
);
const key = fc.constantFrom('a', 'b', 'AND', 'in', '__proto__', 'constructor', '', '"', 'a":#1,"b');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(
          key,
          fc.oneof(
            { weight: 6, arbitrary: tie('value') },
            { weight: 1, arbitrary: fc.constantFrom(undefined, skip) },
          ),
        ),
        { maxLength: 3 },
      )
      .map(objectOf),
  ),
}));
const args = fc.array(fc.tuple(key, value), { maxLength: 3 }).map(objectOf);

/** With `__proto__` as a key like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const object = {};
  for (const [name, item] of entries) {
    Object.defineProperty(object, name, {
      value: item,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return object;
}

/** The same arguments with the keys of every object turned round, and what is not given left out. */
function turned(item: unknown): unknown {
  if (Array.isArray(item)) return item.map(turned);
  if (typeof item !== 'object' || item === null || Object.getPrototypeOf(item) !== Object.prototype)
    return item;
  const given = Object.entries(item).filter(([, inner]) => inner !== undefined && inner !== skip);
  return objectOf(given.reverse().map(([name, inner]) => [name, turned(inner)]));
}

describe('the text of any arguments', () => {
  test('is the same for the same, in whatever order their keys are', () => {
    fc.assert(
      fc.property(args, (some) => {
        expect(canonicalArguments(turned(some))).toBe(canonicalArguments(some));
        expect(canonicalArguments(some)).not.toBeNull();
      }),
      { numRuns: RUNS },
    );
  });

  test('is shared by no others', () => {
    let same = 0;
    fc.assert(
      fc.property(args, args, (some, others) => {
        const equal = isDeepStrictEqual(turned(some), turned(others));
        if (equal) same++;
        expect(canonicalArguments(some) === canonicalArguments(others)).toBe(equal);
      }),
      { numRuns: RUNS },
    );
    // So few values are there that some pairs are equal; a text that is never the same would prove nothing.
    expect(same).toBeGreaterThan(0);
  });
});

describe('two arguments share a text', () => {
  test.each<[string, unknown, unknown]>([
    ['none and no keys', undefined, {}],
    ['what is not given and what is absent', { where: undefined, take: skip }, {}],
    ['bytes in a Buffer and in a Uint8Array', { a: Buffer.from([1, 2]) }, { a: new Uint8Array([1, 2]) }],
    [
      'a part of a buffer and its copy',
      { a: new Uint8Array([1, 2, 3]).subarray(1) },
      { a: new Uint8Array([2, 3]) },
    ],
    ['a decimal in two spellings', { a: new Decimal('1.50') }, { a: new Decimal('1.5') }],
    ['decimals of two copies of the library', { a: new Decimal('0.1') }, { a: new required.Decimal('0.1') }],
    ['null kinds of two copies of the runtime', { a: DbNull }, { a: required.DbNull }],
    ['skip of two copies of the runtime', { a: skip }, { a: required.skip }],
    ['an object without a prototype', { a: 1 }, Object.assign(Object.create(null), { a: 1 })],
  ])('%s', (_what, one, other) => {
    expect(canonicalArguments(one)).toBe(canonicalArguments(other));
    expect(canonicalArguments(one)).not.toBeNull();
  });
});

describe('there is no text for', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const gap: unknown[] = [1];
  gap[2] = 3;

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('a')],
    ['an instance of a class', new Money()],
    ['an object that says itself how it is written', { toJSON: () => 1 }],
    ['an invalid date', new Date(Number.NaN)],
    ['a Map', new Map([[1, 2]])],
    ['a wrapped string', Object('a')],
    ['undefined in a list', [undefined]],
    ['skip in a list', [skip]],
    ['a gap in a list', gap],
    ['a circle', circle],
    ['an object with inherited arguments', Object.create({ a: 1 })],
    ['a decimal of a million digits', new Decimal('1e1000000')],
    ['a decimal that is no number', new Decimal('NaN')],
  ])('%s', (_what, item) => {
    expect(canonicalArguments({ where: { a: item } })).toBeNull();
  });
});

test('a text can be read', () => {
  const text = canonicalArguments({ where: { id: { in: [2n, 1] }, at: new Date(5), a: null }, take: 10 });
  expect(text).toBe('{"take":#10,"where":{"a":n,"at":D5,"id":{"in":[i2,#1,],},},}');
});
