import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Debt, Debts } from '../../../src/cache/debts.js';
import { KeySpace } from '../../../src/cache/keys.js';

const keys = new KeySpace('test');
const rows = keys.rows({ table: 'users', schema: null });
const debt = (name: string): Debt => ({
  targets: { keys: [name], guards: [rows] },
  token: `token of ${name}`,
});
const everything = (token: string): Debt => ({ targets: { keys: [], guards: [keys.namespace] }, token });

describe('ends of writes that are owed', () => {
  let debts: Debts;
  beforeEach(() => {
    debts = new Debts(keys.namespace);
  });

  test('are none at first', async () => {
    expect(debts.take()).toEqual([]);
    expect(await debts.pay(() => Promise.reject(new Error('there is nothing to pay')))).toBe(true);
  });

  test('are handed over in order, each with the token of its write, and once', () => {
    debts.add(debt('a'));
    debts.add(debt('b'));
    expect(debts.take()).toEqual([debt('a'), debt('b')]);
    expect(debts.take()).toEqual([]);
  });

  test('are paid each by itself, and not owed then', async () => {
    debts.add(debt('a'));
    debts.add(debt('b'));
    const paid: Debt[] = [];
    const pay = () =>
      debts.pay(async (one) => {
        paid.push(one);
        return true;
      });
    expect(await pay()).toBe(true);
    expect(await pay()).toBe(true);
    expect(paid).toEqual([debt('a'), debt('b')]);
  });

  test('stay owed where they could not be paid, and those only', async () => {
    for (const name of ['a', 'b', 'c']) debts.add(debt(name));
    expect(await debts.pay(async ({ token }) => token === debt('b').token)).toBe(false);
    expect(debts.take()).toEqual([debt('a'), debt('c')]);
  });

  test('that come while others are being paid are owed besides', async () => {
    debts.add(debt('a'));
    const paid = await debts.pay(async () => {
      debts.add(debt('b'));
      return false;
    });
    expect(paid).toBe(false);
    const owed = debts.take().map(({ token }) => token);
    expect(owed.sort()).toEqual([debt('a').token, debt('b').token]);
  });

  test('become one of everything when they are very many, so that a long outage takes no memory', () => {
    for (let n = 0; n < 1_000; n += 1) debts.add(debt(`${n}`));
    expect(debts.take()).toHaveLength(1_000);
    for (let n = 0; n <= 1_000; n += 1) debts.add(debt(`${n}`));
    expect(debts.take()).toEqual([everything('token of 1000')]);
    for (let n = 0; n < 50_000; n += 1) debts.add(debt(`${n}`));
    const owed = debts.take();
    expect(owed.length).toBeLessThanOrEqual(1_000);
    expect(owed[0]?.targets.guards).toEqual([keys.namespace]);
  });
});
