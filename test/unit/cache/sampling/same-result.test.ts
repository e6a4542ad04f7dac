import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import { entryCodec } from '../../../../src/cache/entry-codec.js';
import { freezeDeep } from '../../../../src/cache/freeze.js';
import { isSameResult } from '../../../../src/cache/sampling/same-result.js';

const codec = entryCodec(0);
const row = () => ({
  id: 1n,
  at: new Date(5),
  price: new Decimal('1.50'),
  bytes: new Uint8Array([1, 2]),
  tags: ['a', null],
  json: { deep: [{ b: undefined, c: Number.NaN }] },
});

describe('two results of one query', () => {
  test('are the same when all values are, frozen or not, through the codec or not', () => {
    const bytes = codec.encodeIfPossible(row()) ?? new Uint8Array();
    expect(isSameResult(row(), row(), codec)).toBe(true);
    expect(isSameResult(row(), freezeDeep(row()), codec)).toBe(true);
    expect(isSameResult(codec.decode(bytes), row(), codec)).toBe(true);
    expect(isSameResult({ bytes: Buffer.from([1, 2]) }, { bytes: new Uint8Array([1, 2]) }, codec)).toBe(true);
    expect(isSameResult(null, undefined, codec)).toBe(true);
  });

  test.each<[string, object]>([
    ['a bigint', { id: 2n }],
    ['a number for a bigint', { id: 1 }],
    ['a date', { at: new Date(6) }],
    ['a text for a date', { at: new Date(5).toJSON() }],
    ['a decimal', { price: new Decimal('1.51') }],
    ['a text for a decimal', { price: '1.5' }],
    ['bytes', { bytes: new Uint8Array([1, 3]) }],
    ['a list for bytes', { bytes: [1, 2] }],
    ['an item', { tags: ['a', 'b'] }],
    ['the order of a list within', { tags: [null, 'a'] }],
    ['an object for a list', { tags: { 0: 'a', 1: null } }],
    ['null for undefined', { json: { deep: [{ b: null, c: Number.NaN }] } }],
    ['a missing key', { json: { deep: [{ c: Number.NaN }] } }],
    ['another key', { more: 1 }],
  ])('differ by %s', (_, change) => {
    expect(isSameResult({ ...row(), ...change }, row(), codec)).toBe(false);
    expect(isSameResult(row(), { ...row(), ...change }, codec)).toBe(false);
    expect(isSameResult([row()], [{ ...row(), ...change }], codec)).toBe(false);
  });

  test('differ where one is nothing', () => {
    expect(isSameResult(null, row(), codec)).toBe(false);
    expect(isSameResult([], null, codec)).toBe(false);
    expect(isSameResult(0, null, codec)).toBe(false);
  });

  test('are the same lists in any order of the rows, each as often', () => {
    const [a, b] = [{ ...row(), id: 7n }, row()];
    expect(isSameResult([a, b], [b, a], codec)).toBe(true);
    expect(isSameResult([a, a, b], [a, b, b], codec)).toBe(false);
    expect(isSameResult([a, b], [a], codec)).toBe(false);
  });
});
