import { inspect, types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import fc from 'fast-check';
import { freezeDecimal, frozenDate, isFrozenDate } from '../../../src/cache/codec/frozen-scalars.js';

const TIME = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

describe('a frozen date', () => {
  const setters = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith('set'));

  test('has setters to refuse', () => {
    expect(setters.length).toBeGreaterThanOrEqual(15);
  });

  test.each(setters)('refuses %s with a TypeError that says what to do', (name) => {
    const date = frozenDate(TIME);
    const setter: unknown = Reflect.get(date, name);
    expect(() => Reflect.apply(setter as () => void, date, [0])).toThrow(/new Date\(date\)/);
    expect(date.getTime()).toBe(TIME);
  });

  test('takes no new properties', () => {
    expect(() => Object.assign(frozenDate(TIME), { note: 'mine' })).toThrow(TypeError);
  });

  test('is a Date to whoever asks', () => {
    const date = frozenDate(TIME);
    expect(date).toBeInstanceOf(Date);
    expect(date.constructor).toBe(Date);
    expect(types.isDate(date)).toBe(true);
    expect(Object.prototype.toString.call(date)).toBe('[object Date]');
    expect(Object.keys(date)).toEqual([]);
    expect(isFrozenDate(date)).toBe(true);
    expect(isFrozenDate(new Date(TIME))).toBe(false);
  });

  test('equals a plain date of the same time, also where types are compared', () => {
    const plain = new Date(TIME);
    expect(frozenDate(TIME)).toEqual(plain);
    expect(frozenDate(TIME)).toStrictEqual(plain);
    expect(plain).toStrictEqual(frozenDate(TIME));
    expect(frozenDate(TIME)).not.toEqual(new Date(TIME + 1));
  });

  test('reads, prints, compares and travels as any other', () => {
    const plain = new Date(TIME);
    const date = frozenDate(TIME);
    expect(JSON.stringify({ date })).toBe(JSON.stringify({ date: plain }));
    expect(`${date}`).toBe(`${plain}`);
    expect(inspect(date)).toBe(inspect(plain));
    expect(date.toLocaleString('de', { timeZone: 'Asia/Kathmandu' })).toBe(
      plain.toLocaleString('de', { timeZone: 'Asia/Kathmandu' }),
    );
    expect(new Intl.DateTimeFormat('en').format(date)).toBe(new Intl.DateTimeFormat('en').format(plain));
    expect(Number(date) - Number(plain)).toBe(0);
    expect(date > new Date(0)).toBe(true);
    expect(structuredClone(date).getTime()).toBe(TIME);
    expect((deserialize(serialize(date)) as Date).getTime()).toBe(TIME);
  });

  test('gives copies that can be changed, by its constructor as date libraries do, too', () => {
    const date = frozenDate(TIME);
    const Constructor = date.constructor as DateConstructor;
    for (const copy of [new Date(date), new Constructor(+date), structuredClone(date)]) {
      copy.setFullYear(2000);
      expect(copy.getFullYear()).toBe(2000);
    }
    expect(date.getTime()).toBe(TIME);
  });
});

describe('a frozen Decimal', () => {
  const operand = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.stringMatching(/^[1-9][0-9]{0,24}$/),
      fc.integer({ min: -30, max: 10 }),
    )
    .map(([sign, digits, exponent]) => `${sign}${digits}e${exponent}`);

  const unary = [
    'abs',
    'ceil',
    'floor',
    'neg',
    'round',
    'trunc',
    'sqrt',
    'cbrt',
    'toString',
    'toNumber',
    'toFixed',
  ] as const;
  const more = [
    'toJSON',
    'valueOf',
    'toExponential',
    'toHex',
    'sd',
    'dp',
    'isInteger',
    'isNegative',
    'toFraction',
  ] as const;
  const binary = [
    'plus',
    'minus',
    'times',
    'div',
    'mod',
    'divToInt',
    'cmp',
    'equals',
    'gte',
    'toNearest',
  ] as const;

  test('computes what one that is not frozen computes, and stays as it is', () => {
    fc.assert(
      fc.property(operand, operand, (left, right) => {
        const frozen = freezeDecimal(new Decimal(left));
        const other = freezeDecimal(new Decimal(right));
        for (const method of [...unary, ...more]) {
          expect(`${frozen[method]()}`).toBe(`${new Decimal(left)[method]()}`);
        }
        for (const method of binary) {
          expect(`${frozen[method](other)}`).toBe(`${new Decimal(left)[method](new Decimal(right))}`);
        }
        expect(`${frozen.toDecimalPlaces(2)} ${frozen.toSignificantDigits(3)} ${frozen.pow(2)}`).toBe(
          `${new Decimal(left).toDecimalPlaces(2)} ${new Decimal(left).toSignificantDigits(3)} ${new Decimal(left).pow(2)}`,
        );
        expect(`${Decimal.max(frozen, other)} ${Decimal.sum(frozen, other)} ${new Decimal(frozen)}`).toBe(
          `${Decimal.max(left, right)} ${Decimal.sum(left, right)} ${new Decimal(left)}`,
        );
        expect(frozen).toStrictEqual(new Decimal(left));
      }),
      { numRuns: 300 },
    );
  });

  test('computes logarithms and powers too', () => {
    const frozen = freezeDecimal(new Decimal('1.75'));
    for (const method of ['exp', 'ln', 'log', 'sin', 'cos', 'atan'] as const) {
      expect(`${frozen[method]()}`).toBe(`${new Decimal('1.75')[method]()}`);
    }
  });

  test('may be NaN or infinite', () => {
    for (const text of ['NaN', 'Infinity', '-Infinity']) {
      const frozen = freezeDecimal(new Decimal(text));
      expect(Object.isFrozen(frozen)).toBe(true);
      expect(`${frozen.plus(1)}`).toBe(text);
    }
  });
});
