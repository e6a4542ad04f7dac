import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import fc from 'fast-check';
import { codec } from '../../../src/cache/codec.js';
import { CodecError } from '../../../src/errors.js';

function roundTrip(value: object): object {
  return codec.decode(codec.encode(value));
}

describe('an entity that went through the codec', () => {
  test.each<[string, object]>([
    ['text, also outside the basic plane', { text: 'a\u0000b 🦊 ü' }],
    ['integers', { small: 1, negative: -1, max: 2 ** 31 - 1, min: -(2 ** 31) }],
    ['integers beyond 32 bits, which stay numbers', { value: 2 ** 33, safe: Number.MAX_SAFE_INTEGER }],
    ['floating point numbers', { third: 1 / 3, tiny: 5e-324, big: 1.7e308, negativeZero: -0, list: [1, -0] }],
    ['big integers, however small', { zero: 0n, one: 1n, max: 2n ** 63n - 1n, min: -(2n ** 63n) }],
    [
      'dates to the millisecond',
      { at: new Date('2026-02-03T04:05:06.789Z'), before: new Date(-1), epoch: new Date(0) },
    ],
    [
      'dates far away',
      { far: new Date('9999-12-31T23:59:59.999Z'), long: new Date('0001-01-01T00:00:00.001Z') },
    ],
    ['null, and fields that are absent', { present: null }],
    ['booleans', { yes: true, no: false }],
    ['arrays of scalars', { tags: ['a', ''], none: [], dates: [new Date(5)] }],
    ['JSON, nested', { analysis: { list: [1, 'two', null, { deep: [[]] }], empty: {} } }],
    [
      'keys that name a prototype',
      { analysis: JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as object },
    ],
  ])('keeps %s', (_name, entity) => {
    expect(roundTrip(entity)).toStrictEqual(entity);
  });

  test('keeps decimals, with every digit, as Decimal', () => {
    const entity = {
      cost: new Decimal('12345678901234567890.1234'),
      small: new Decimal('1e-30'),
      zero: new Decimal(0),
    };
    const back = roundTrip(entity) as typeof entity;
    expect(back.cost).toBeInstanceOf(Decimal);
    expect(back.cost.toFixed()).toBe('12345678901234567890.1234');
    expect(back.small.equals(entity.small)).toBe(true);
    expect(back.zero.equals(0)).toBe(true);
  });

  test('keeps bytes as a Uint8Array of its own, not a view of the whole reply', () => {
    const back = roundTrip({ bytes: new Uint8Array([0, 255, 1]), list: [new Uint8Array([7])] }) as {
      bytes: Uint8Array;
      list: Uint8Array[];
    };
    expect(back.bytes.constructor).toBe(Uint8Array);
    expect(back.bytes.buffer.byteLength).toBe(3);
    expect([...back.bytes]).toEqual([0, 255, 1]);
    expect(back.list[0]?.constructor).toBe(Uint8Array);
  });

  test('equals any JSON document, number and big integer it started as', () => {
    const scalar = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.json().map((text) => JSON.parse(text) as unknown),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]*$/), scalar), (fields) => {
        const entity = { ...fields };
        expect(roundTrip(entity)).toStrictEqual(entity);
      }),
      { numRuns: 500 },
    );
  });
});

describe('bytes that are no entity', () => {
  test('are refused when they come from another codec version', () => {
    const bytes = codec.encode({ a: 1 });
    bytes[0] = 99;
    expect(() => codec.decode(bytes)).toThrow(CodecError);
  });

  test('are refused when they are cut short', () => {
    const bytes = codec.encode({ text: 'long enough to cut', list: [1, 2, 3] });
    expect(() => codec.decode(bytes.subarray(0, bytes.length - 3))).toThrow(CodecError);
  });

  test('give a CodecError or some object, whatever they are, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (noise) => {
        const bytes = new Uint8Array([1, ...noise]);
        let outcome: unknown;
        try {
          outcome = codec.decode(bytes);
        } catch (error) {
          outcome = error;
        }
        expect(typeof outcome).toBe('object');
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(CodecError);
      }),
      { numRuns: 1000 },
    );
  });
});
