import { Decimal } from '@prisma/client/runtime/client';
import fc from 'fast-check';
import type { DmmfEnum, DmmfField } from '../../../src/generator/dmmf.js';
import { textValues } from './text-values.js';
import { timeValues } from './time-values.js';

/** The markers of the generated client, which stand for JSON's null. */
export interface NullKinds {
  readonly JsonNull: unknown;
}

/** Any value that a column may hold besides null, the edges of its type more often than others. */
export function columnValues(
  field: DmmfField,
  enums: readonly DmmfEnum[],
  nulls: NullKinds,
): fc.Arbitrary<unknown> {
  const one = itemValues(field, enums, nulls);
  // Prisma takes no marker for null inside of a list.
  return field.isList ? fc.array(one, { maxLength: 5 }) : one;
}

function itemValues(field: DmmfField, enums: readonly DmmfEnum[], nulls: NullKinds): fc.Arbitrary<unknown> {
  const [native = null, args = []] = field.nativeType ?? [];
  const [first] = args.map(Number);
  if (field.kind === 'enum') {
    const values = enums.find(({ name }) => name === field.type)?.values ?? [];
    return fc.constantFrom(...values.map(({ name }) => name));
  }
  switch (field.type) {
    case 'String':
      return textValues(native, first);
    case 'Int':
      return wholeNumbers(native);
    case 'BigInt':
      return fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-100n, 100n));
    case 'Float':
      // Zero has one sign in PostgreSQL's text of `real`, and none that Prisma keeps.
      return (native === 'Real' ? REALS : DOUBLES).map((value) => value + 0);
    case 'Decimal':
      return decimals(native, args.map(Number));
    case 'Boolean':
      return fc.boolean();
    case 'DateTime':
      return timeValues(native, first);
    case 'Json':
      return field.isList
        ? jsonValues.filter((value) => value !== null)
        : jsonValues.map((value) => value ?? nulls.JsonNull);
    case 'Bytes':
      return fc.uint8Array({ maxLength: 64 }).map((bytes) => new Uint8Array(bytes));
    default:
      throw new TypeError(`No values are known for ${field.type}.`);
  }
}

// Prisma writes the very largest as more than PostgreSQL takes.
const DOUBLES = fc.oneof(
  fc.double({ noNaN: true, min: -1.79e308, max: 1.79e308 }),
  fc.constantFrom(0.1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, 123456789.1234567),
);
const REALS = fc.float({ noNaN: true, min: Math.fround(-3.4e38), max: Math.fround(3.4e38) });

function wholeNumbers(native: string | null): fc.Arbitrary<number> {
  if (native === 'SmallInt') return fc.integer({ min: -32_768, max: 32_767 });
  return fc.integer({ min: native === 'Oid' ? 0 : -(2 ** 31), max: 2 ** 31 - 1 });
}

function decimals(native: string | null, [precision, scale]: readonly number[]): fc.Arbitrary<Decimal> {
  if (native === 'Money') return scaled(2n ** 63n - 1n, 2);
  if (native === 'Decimal' && precision === undefined) {
    return fc.oneof(scaled(10n ** 60n, 40), scaled(10n ** 200n, 0), scaled(10n ** 6n, 2));
  }
  // What Prisma writes where there is no `@db`.
  const digits = precision ?? 65;
  return scaled(10n ** BigInt(digits) - 1n, precision === undefined ? 30 : (scale ?? 0));
}

function scaled(largest: bigint, scale: number): fc.Arbitrary<Decimal> {
  const whole = fc.oneof(
    fc.bigInt(-largest, largest),
    fc.bigInt(-9_999n, 9_999n),
    fc.constantFrom(largest, -largest),
  );
  return whole
    .filter((digits) => digits <= largest && digits >= -largest)
    .map((digits) => new Decimal(`${digits}e-${scale}`));
}

const jsonText = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));

const jsonValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      jsonText,
      fc.integer(),
      DOUBLES.map((value) => value + 0),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      // Not `$type`, which Prisma takes for a mark of its own.
      fc.oneof(jsonText, fc.constantFrom('constructor', 'toJSON', 'set', 'length', '0')),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;
