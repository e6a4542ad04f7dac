import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import { Xoshiro128 } from '../../../scripts/support/random.js';
import { CODEC_VERSION, codec, createCodec } from '../../../src/cache/codec.js';
import { CodecError } from '../../../src/errors.js';

const uncompressed = createCodec({ compressionThresholdBytes: 0 });

function roundTrip<T>(value: T): T {
  return codec.decode(codec.encode(value)) as T;
}

/** Why a value is not encoded. */
function refusal(value: unknown, by = codec): unknown {
  try {
    by.encode(value);
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError);
    return (error as CodecError).context['reason'];
  }
  return 'it was encoded';
}

function nested(levels: number): unknown {
  let value: unknown = 'innermost';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

const row = (id: number) => ({
  id,
  name: `row ${id}`,
  createdAt: new Date(1_770_000_000_000 + id),
  cost: new Decimal('12.3400'),
  size: 5_000_000_000n,
  document: { list: [id, { deep: true }], text: 'same' },
});

describe('a value that went through the codec is as it was', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a count', 1_234],
    ['a text', 'plain'],
    ['a boolean', false],
    [
      'text, also outside the basic plane',
      { text: 'a\u0000b 🦊 ü', latin: 'Zoë'.repeat(30), long: '漢'.repeat(500) },
    ],
    [
      'text with lone surrogates, as a json column may hold it',
      ['\ud83e', 'a\udd8a', `${'x'.repeat(300)}\ud83e`],
    ],
    [
      'integers of every size',
      [0, 63, 64, 127, 128, -1, -128, -129, 32_767, 32_768, -32_769, 2 ** 31 - 1, -(2 ** 31)],
    ],
    ['integers beyond 32 bits, which stay numbers', [2 ** 31, -(2 ** 33), 2 ** 53 - 1, 1e21]],
    ['floating point numbers', [1 / 3, 5e-324, 1.7e308, -0, Number.NaN, Number.POSITIVE_INFINITY, -Infinity]],
    ['big integers, however small', [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)]],
    ['big integers beyond eight bytes', [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 4_000n, -(2n ** 65n)]],
    [
      'dates to the millisecond, also before 1970',
      [new Date('2026-02-03T04:05:06.789Z'), new Date(-1), new Date(0)],
    ],
    [
      'dates far away',
      [new Date('9999-12-31T23:59:59.999Z'), new Date('0001-01-01'), new Date(8.64e15), new Date(-8.64e15)],
    ],
    [
      'dates at the edges of six bytes',
      [2 ** 47 - 1, 2 ** 47, -(2 ** 47), -(2 ** 47) - 1].map((time) => new Date(time)),
    ],
    ['a field that is undefined, and one that is absent', { present: undefined }],
    ['null in fields and lists', { none: null, list: [null, undefined] }],
    ['lists of every length', [[], Array(31).fill(1), Array(32).fill(2), Array(1_000).fill('x')]],
    ['a list of rows', Array.from({ length: 40 }, (_, id) => row(id))],
    [
      'a row with relations',
      { ...row(1), owner: row(2), none: null, jobs: [row(3), { ...row(4), extra: null }] },
    ],
    [
      'counts and aggregates',
      { _count: { _all: 2 }, _sum: { cost: new Decimal('4'), size: 7n }, _min: { at: null } },
    ],
    ['groups', [{ _count: 1, _sum: { big: 3n }, num: new Decimal('1.5') }]],
    [
      'keys that name a prototype',
      JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "toJSON": 3, "": {"": 4}}'),
    ],
    ['keys that are numbers', { 7: 'a', 1000: 'b', 4294967295: 'c', '-1': 'd', '01': 'e' }],
    [
      'objects of more shapes than there are short tags',
      Array.from({ length: 100 }, (_, n) => [{ [`k${n}`]: 1 }, { [`k${n}`]: 2 }]),
    ],
    [
      'objects of many shapes with the same first key',
      Array.from({ length: 60 }, (_, n) => ({ id: n, [`k${n % 20}`]: n })),
    ],
    ['an object of many keys', Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`key ${n}`, n]))],
    ['what is nested a thousand levels deep', nested(1_000)],
  ])('%s', (_name, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
    expect(uncompressed.decode(uncompressed.encode(value))).toStrictEqual(value);
  });

  test('an invalid date, which Prisma gives for infinity and for years before Christ', () => {
    const [back] = roundTrip([new Date(Number.NaN)]);
    expect(back).toBeInstanceOf(Date);
    expect(back?.getTime()).toBeNaN();
  });

  test.each([
    '0',
    '-0',
    '12.34',
    '1e-16383',
    '1e+131071',
    'NaN',
    'Infinity',
    '-Infinity',
    '9'.repeat(1_000),
    `0.${'7'.repeat(1_000)}`,
  ])('a Decimal with all its digits: %.20s', (digits) => {
    const back = roundTrip({ cost: new Decimal(digits) }).cost;
    expect(back).toBeInstanceOf(Decimal);
    expect(back.valueOf()).toBe(new Decimal(digits).valueOf());
  });

  test('the order of its keys', () => {
    const value = { z: 1, a: 2, 10: 3, 9: 4, m: { y: 1, b: 2 } };
    const back = roundTrip(value);
    expect(Object.keys(back)).toEqual(['9', '10', 'z', 'a', 'm']);
    expect(Object.keys(back.m)).toEqual(['y', 'b']);
  });

  test('its prototype, whatever its keys are called', () => {
    const back = roundTrip(JSON.parse('{"__proto__": {"polluted": true}}') as object);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(Object.hasOwn(back, '__proto__')).toBe(true);
    expect('polluted' in {}).toBe(false);
  });

  test('its Bytes, each a Uint8Array of its own and no view of the whole entry', () => {
    const back = roundTrip({
      bytes: new Uint8Array([0, 255, 1]),
      list: [Buffer.from([7])],
      none: new Uint8Array(),
    });
    for (const bytes of [back.bytes, back.list[0], back.none]) {
      expect(bytes?.constructor).toBe(Uint8Array);
      expect(bytes?.buffer.byteLength).toBe(bytes?.length);
    }
    expect([...back.bytes]).toEqual([0, 255, 1]);
  });

  test('when its bytes lie somewhere in a larger buffer, and are no Buffer', () => {
    const bytes = codec.encode(row(1));
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 7);
    expect(codec.decode(larger.subarray(7, 7 + bytes.length))).toStrictEqual(row(1));
  });

  test('and an object without a prototype becomes a plain one', () => {
    const value: object = Object.assign(Object.create(null), { a: 1 });
    expect(roundTrip(value)).toStrictEqual({ a: 1 });
  });
});

describe('what was encoded', () => {
  test('does not change when the next value is encoded', () => {
    const first = codec.encode(row(1));
    const copy = Uint8Array.from(first);
    codec.encode(row(2));
    expect(Uint8Array.from(first)).toEqual(copy);
  });

  test('is whole wherever in a value the buffer behind it had to grow', () => {
    const kinds = [
      300,
      70_000,
      0.5,
      1n,
      2n ** 70n,
      new Date(0),
      new Date(8e15),
      new Decimal(1),
      new Uint8Array(5),
      'é'.repeat(40),
    ];
    const padding = 16 * 1024 - 150;
    for (let more = 0; more < 150; more += 1) {
      const value = ['x'.repeat(padding + more), kinds, { a: kinds.length, list: [kinds] }, 'ā', '\ud83e'];
      const fresh = createCodec({ compressionThresholdBytes: 0 });
      expect(fresh.decode(fresh.encode(value))).toStrictEqual(value);
    }
  });

  test('is whole when a field that is computed encodes something itself', () => {
    const inner = { list: [1, 2, 3], text: 'inner' };
    const value = Object.defineProperty({ id: 1, text: 'outer' }, 'size', {
      enumerable: true,
      get: () => codec.encode(inner).length,
    });
    expect(codec.decode(codec.encode([value, value]))).toStrictEqual([
      { id: 1, text: 'outer', size: codec.encode(inner).length },
      { id: 1, text: 'outer', size: codec.encode(inner).length },
    ]);
  });

  test.each([63, 64, 5_000, 16_385, 200_000])(
    'has short texts on both sides of a long one, of %i characters, whatever those are',
    (length) => {
      for (const filling of ['a', 'é', '漢', '😀', '\ud800']) {
        const long = `${'b'.repeat(length - 1)}${filling}`;
        const value = {
          before: ['x', 'y'],
          long,
          after: ['short', long.slice(0, 30), 'z'.repeat(12)],
          end: 'é',
        };
        expect(uncompressed.decode(uncompressed.encode(value))).toStrictEqual(value);
      }
      const ascii = 'c'.repeat(length);
      expect(uncompressed.encode(ascii).length).toBeLessThanOrEqual(length + 6);
    },
  );

  test('begins with the version of the codec', () => {
    expect(codec.encode(null)[0]).toBe(CODEC_VERSION);
  });

  test('holds the keys of a list of rows once', () => {
    const rows = Array.from({ length: 100 }, (_, id) => ({ aKeyOfSomeLength: id, another: null }));
    expect(uncompressed.encode(rows).length).toBeLessThan(450);
  });

  test('is compressed from the threshold on, where that saves a quarter', () => {
    const text = 'so it goes, '.repeat(400);
    const random = Xoshiro128.fromSeed(1);
    const noise = Buffer.from(Array.from({ length: 4_800 }, () => random.nextInteger(256)));
    const small = createCodec({ compressionThresholdBytes: text.length + 10 });
    expect(uncompressed.encode(text).length).toBeGreaterThan(text.length);
    expect(small.encode(text).length).toBeGreaterThan(text.length);
    expect(codec.encode(text).length).toBeLessThan(200);
    expect(codec.encode(noise).length).toBeGreaterThanOrEqual(noise.length);
    for (const by of [codec, small, uncompressed]) expect(by.decode(codec.encode(text))).toBe(text);
    // A hundred different characters at random take five sixths of a byte each.
    const units = Array.from({ length: 6_000 }, () => 32 + random.nextInteger(100));
    const tight = String.fromCharCode(...units);
    expect(codec.encode(tight).length).toBeGreaterThan(tight.length);
  });

  test('comes back deep-frozen, but for Bytes', () => {
    const back = roundTrip([row(1)]);
    const entity = back[0] as ReturnType<typeof row>;
    for (const part of [back, entity, entity.createdAt, entity.cost, entity.document, entity.document.list]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
    expect(() => entity.createdAt.setFullYear(2000)).toThrow(TypeError);
  });
});

describe('a value that must not be cached', () => {
  class Money {}

  test.each<[string, unknown]>([
    ['a function', { save: () => undefined }],
    ['a symbol', [Symbol('s')]],
    ['an instance of a class', { price: new Money() }],
    ['a Map', new Map()],
    [
      'a getter that throws',
      Object.defineProperty({}, 'a', { enumerable: true, get: () => Buffer.alloc(-1) }),
    ],
    ['a BigInt beyond numeric', 2n ** 600_000n],
    ['a Decimal beyond numeric', new Decimal('1e200000')],
  ])('is refused: %s', (_name, value) => {
    expect(refusal(value)).toBe('unsupported');
    expect(roundTrip({ a: 1 })).toEqual({ a: 1 });
  });

  test('is refused when it nests too deeply, or in a circle', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(refusal(nested(1_001))).toBe('too-deep');
    expect(refusal(nested(200_000))).toBe('too-deep');
    expect(refusal(circle)).toBe('too-deep');
  });

  test('is refused when it takes more memory than allowed, in whatever it does', () => {
    const small = createCodec({ maxValueBytes: 10_000 });
    for (const value of [
      'x'.repeat(10_000),
      'ü'.repeat(6_000),
      '\ud83e'.repeat(5_001),
      new Uint8Array(10_000),
      new Array(1_250).fill(null),
      new Array(200).fill({}),
      new Array(90).fill(new Date(0)),
      new Array(50).fill(new Decimal(1)),
      new Array(500).fill(0.5),
      new Array(400).fill(1n),
      { 1000: 'V8 makes room for a thousand others' },
      { ['k'.repeat(10_000)]: 1 },
    ]) {
      expect(refusal(value, small)).toBe('too-large');
      expect(() => small.decode(uncompressed.encode(value))).toThrow(CodecError);
    }
    expect(small.decode(small.encode('x'.repeat(9_000)))).toHaveLength(9_000);
  });
});
