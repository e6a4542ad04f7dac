import { beforeEach, describe, expect, test } from '@jest/globals';
import { Debts } from '../../../src/cache/debts.js';
import { KeySpace } from '../../../src/cache/keys.js';

const keys = new KeySpace('test');
const rows = keys.rows({ table: 'users', schema: null });
const lists = keys.lists({ table: 'users', schema: null });
const manyKeys = (count: number): string[] => Array.from({ length: count }, (_, n) => `key ${n}`);

describe('invalidations that are owed', () => {
  let debts: Debts;
  beforeEach(() => {
    debts = new Debts(keys.namespace);
  });

  test('are none at first', () => {
    expect(debts.take()).toBeNull();
  });

  test('are handed over together, each once', () => {
    debts.add({ keys: ['a', 'b'], guards: [rows] });
    debts.add({ keys: ['b', 'c'], guards: [lists, keys.rows({ table: 'users', schema: null })] });
    expect(debts.take()).toEqual({ keys: ['a', 'b', 'c'], guards: [rows, lists] });
  });

  test('are forgotten when they were handed over, and owed again when they are added again', () => {
    debts.add({ keys: ['a'], guards: [] });
    const owed = debts.take();
    expect(debts.take()).toBeNull();
    if (owed !== null) debts.add(owed);
    expect(debts.take()).toEqual({ keys: ['a'], guards: [] });
  });

  test('that come while others are being paid are owed besides', () => {
    debts.add({ keys: ['a'], guards: [rows] });
    const owed = debts.take();
    debts.add({ keys: ['b'], guards: [] });
    if (owed !== null) debts.add(owed);
    const both = debts.take();
    expect([...(both?.keys ?? [])].sort()).toEqual(['a', 'b']);
    expect(both?.guards).toEqual([rows]);
  });

  test('of guards alone are owed as well', () => {
    debts.add({ keys: [], guards: [rows] });
    expect(debts.take()).toEqual({ keys: [], guards: [rows] });
  });

  test('of very many keys become one of everything', () => {
    debts.add({ keys: manyKeys(10_000), guards: [rows] });
    expect(debts.take()?.keys).toHaveLength(10_000);
    debts.add({ keys: manyKeys(10_001), guards: [rows] });
    debts.add({ keys: ['one more'], guards: [] });
    const owed = debts.take();
    expect(owed?.keys.length).toBeLessThanOrEqual(1);
    expect(owed?.guards).toContainEqual(keys.namespace);
    expect(owed?.guards).toContainEqual(rows);
  });

  test('stay bounded however long the store is away', () => {
    for (let round = 0; round < 20; round += 1) {
      debts.add({ keys: manyKeys(3_000).map((key) => `${round} ${key}`), guards: [rows] });
    }
    expect(debts.take()?.keys.length).toBeLessThanOrEqual(10_000);
  });
});
