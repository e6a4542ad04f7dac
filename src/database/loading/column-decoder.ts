import { Decimal } from '@prisma/client/runtime/client';
import pg from 'pg';
import type { ScalarField } from '../schema/schema-metadata.js';
import { dayOf, momentOf, timeOf } from './moment-text.js';

/** Makes of the text that PostgreSQL sent the value that Prisma would; undefined where only Prisma can say. */
export type ColumnDecoder = (text: string) => unknown;

/** Makes a Date of the milliseconds since 1970. */
export type DateMaker = (ms: number) => Date;

/** Of each enum, the names that the schema has for its values in the database. */
export type EnumNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The point in time that a text says, in milliseconds; undefined where only Prisma can say. */
type Moments = ReadonlyMap<number, (text: string) => number | undefined>;

type Decoders = ReadonlyMap<number, ColumnDecoder>;

// The numbers of PostgreSQL's types are fixed: https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
const TEXT_ARRAY = 1009;
const FIRST_OF_EXTENSIONS = 16_384;

const asIs: ColumnDecoder = (text) => text;
const integer: ColumnDecoder = (text) => Number.parseInt(text, 10);
const bigInteger: ColumnDecoder = (text) => BigInt(text);
const float: ColumnDecoder = (text) => Number.parseFloat(text);
const decimal: ColumnDecoder = (text) => new Decimal(text);
const boolean: ColumnDecoder = (text) => text === 't';
const json: ColumnDecoder = (text) => JSON.parse(text);

/** Type of the schema -> type of the column -> what reads it. Money is missing: Prisma reads it by its currency sign. */
const SCALARS: Readonly<Record<string, Decoders>> = {
  // text, varchar, char, uuid, inet, bit, varbit, xml
  String: sameFor(asIs, [25, 1043, 1042, 2950, 869, 1560, 1562, 142]),
  // int2, int4, oid
  Int: sameFor(integer, [21, 23, 26]),
  BigInt: sameFor(bigInteger, [20]),
  // float4, float8
  Float: sameFor(float, [700, 701]),
  // numeric
  Decimal: sameFor(decimal, [1700]),
  Boolean: sameFor(boolean, [16]),
  // json, jsonb
  Json: sameFor(json, [114, 3802]),
  // bytea
  Bytes: sameFor(bytes, [17]),
};

/** The same for the elements of arrays. */
const LISTS: Readonly<Record<string, Decoders>> = {
  String: sameFor(asIs, [1009, 1015, 1014, 2951, 1041, 1561, 1563, 143]),
  Int: sameFor(integer, [1005, 1007, 1028]),
  BigInt: sameFor(bigInteger, [1016]),
  Float: sameFor(float, [1021, 1022]),
  Decimal: sameFor(decimal, [1231]),
  Boolean: sameFor(boolean, [1000]),
  Json: sameFor(json, [199, 3807]),
  Bytes: sameFor(bytes, [1001]),
};

/** timestamp, timestamptz, date, time, timetz */
const MOMENTS: Moments = new Map([
  [1114, momentOf],
  [1184, momentOf],
  [1082, dayOf],
  [1083, timeOf],
  [1266, timeOf],
]);

const MOMENTS_OF_LISTS: Moments = new Map([
  [1115, momentOf],
  [1185, momentOf],
  [1182, dayOf],
  [1183, timeOf],
]);

type ParserOf = (oid: number, format: 'text') => (text: string) => unknown;
// pg's types name no arrays.
const elementsOf = (pg.types.getTypeParser as ParserOf)(TEXT_ARRAY, 'text');

/**
 * What reads a column of this type as Prisma 7 reads it on `@prisma/adapter-pg`; a property test compares the two. Null
 * where it is not known how.
 *
 * @param oid the type that PostgreSQL gave for it; an enum is to be cast to text
 */
export function columnDecoder(
  field: ScalarField,
  oid: number,
  enums: EnumNames,
  dateOf: DateMaker,
): ColumnDecoder | null {
  const element = elementDecoder(field, oid, enums, dateOf);
  return element === null || !field.list ? element : (text) => listOf(text, element);
}

function elementDecoder(
  { type, isEnum, list }: ScalarField,
  oid: number,
  enums: EnumNames,
  dateOf: DateMaker,
): ColumnDecoder | null {
  if (isEnum) {
    const names = enums.get(type);
    return names === undefined ? null : (text) => names.get(text);
  }
  if (type === 'DateTime') {
    const msOf = (list ? MOMENTS_OF_LISTS : MOMENTS).get(oid);
    return msOf === undefined ? null : dateDecoder(msOf, dateOf);
  }
  const decoder = (list ? LISTS : SCALARS)[type]?.get(oid);
  if (decoder !== undefined) return decoder;
  // Citext, for one. Prisma takes what it does not know for a text, but in lists.
  return type === 'String' && !list && oid >= FIRST_OF_EXTENSIONS ? asIs : null;
}

function listOf(text: string, element: ColumnDecoder): unknown {
  const texts = elementsOf(text);
  if (!Array.isArray(texts)) return undefined;
  const values: unknown[] = [];
  for (const each of texts) {
    // A null in it, or another array: Prisma's own affair.
    const value = typeof each === 'string' ? element(each) : undefined;
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function bytes(text: string): Uint8Array | undefined {
  return text.startsWith('\\x') ? new Uint8Array(Buffer.from(text.slice(2), 'hex')) : undefined;
}

function dateDecoder(msOf: (text: string) => number | undefined, dateOf: DateMaker): ColumnDecoder {
  return (text) => {
    const ms = msOf(text);
    return ms === undefined ? undefined : dateOf(ms);
  };
}

function sameFor(decoder: ColumnDecoder, oids: readonly number[]): Decoders {
  return new Map(oids.map((oid) => [oid, decoder]));
}
