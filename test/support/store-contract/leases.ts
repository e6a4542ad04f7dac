import { describe, expect, test } from '@jest/globals';
import { type Bench, LONG_MS, PAST_SHORT_MS, SHORT_MS, valueFill } from './bench.js';

/** Who may fill a key, and what readers get that is filled. */
export function describeLeases(bench: () => Bench): void {
  describe('a lease', () => {
    test('goes to the first reader of a missing key, and to no second one', async () => {
      const { one, two } = bench();
      const key = bench().person('1');
      expect(await bench().look(one, key, 'a')).toBe('lease');
      expect(await bench().look(two, key, 'b')).toBe('busy');
      expect(await bench().look(one, key, 'a')).toBe('busy');
    });

    test('goes to exactly one of many readers who come at once', async () => {
      const { one, two } = bench();
      const key = bench().person('1');
      const looks = Array.from({ length: 50 }, (_, n) => bench().look(n % 2 === 0 ? one : two, key, `r${n}`));
      const kinds = await Promise.all(looks);
      expect(kinds.filter((kind) => kind === 'lease')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'busy')).toHaveLength(49);
    });

    test('is given once where one batch names a key twice', async () => {
      const key = bench().person('1');
      const { outcomes } = await bench().one.read(bench().people, [key, key], 'a', LONG_MS);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['lease', 'busy']);
    });

    test('goes to the next reader when it was given back', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, null))).toBe(1);
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });

    test('is not given back by another reader', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().fill(bench().two, valueFill(key, 'b', versions, null))).toBe(0);
      expect(await bench().look(bench().two, key, 'b')).toBe('busy');
    });

    test('goes to the next reader when its time is over, and its first holder fills nothing then', async () => {
      const key = bench().person('1');
      const { versions } = await bench().one.read(bench().people, [key], 'dead', SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await bench().fill(bench().one, valueFill(key, 'dead', versions, 'late'))).toBe(0);
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
      expect(await bench().fill(bench().one, valueFill(key, 'dead', versions, 'late'))).toBe(0);
      expect(await bench().look(bench().one, key)).toBe('busy');
    });

    test('is used up by one fill', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'first'))).toBe(1);
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'second'))).toBe(0);
      expect(await bench().look(bench().two, key)).toBe('"first"');
    });
  });

  describe('a fill', () => {
    test('is what every reader gets', async () => {
      await bench().put(bench().person('1'), 'value');
      expect(await bench().look(bench().one, bench().person('1'))).toBe('"value"');
      expect(await bench().look(bench().two, bench().person('1'))).toBe('"value"');
    });

    test('by who holds no lease, or another token, is refused', async () => {
      const [key, other] = [bench().person('1'), bench().person('2')];
      const { versions } = await bench().read(bench().one, key, 'a');
      expect(await bench().fill(bench().two, valueFill(key, 'b', versions, 'wrong'))).toBe(0);
      expect(await bench().fill(bench().two, valueFill(other, 'a', versions, 'wrong'))).toBe(0);
      expect(await bench().look(bench().one, key)).toBe('busy');
      expect(await bench().look(bench().one, other)).toBe('lease');
    });

    test('with the versions of another scope is refused', async () => {
      const key = bench().person('1');
      await bench().read(bench().one, key, 'a');
      const { versions } = await bench().read(bench().one, bench().list('x'), 'a', bench().teams);
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'wrong'))).toBe(0);
    });

    test('is stored beside others of its batch that are refused', async () => {
      const keys = ['1', '2', '3'].map((id) => bench().person(id));
      const { versions } = await bench().one.read(bench().people, keys, 'a', LONG_MS);
      await bench().two.fence(bench().onKeys('2'), 'w', LONG_MS);
      const fills = keys.map((key) => valueFill(key, 'a', versions, 'v'));
      expect(await bench().one.fill(bench().people, fills)).toBe(2);
      const { outcomes } = await bench().two.read(bench().people, keys, 'b', LONG_MS);
      expect(outcomes.map(({ kind }) => kind)).toEqual(['hit', 'fenced', 'hit']);
    });

    test('is forgotten when its time is over', async () => {
      const key = bench().person('1');
      await bench().put(key, 'short', bench().people, SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });

    test.each([
      ['no bytes', new Uint8Array(0)],
      ['every byte there is', Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      ['what is no UTF-8', Uint8Array.of(0xff, 0xfe, 0xc0, 0x80, 0, 0x0d, 0x0a)],
      ['what a mark of the store looks like', new TextEncoder().encode('LVNFB')],
      ['half a megabyte', Uint8Array.from({ length: 512 * 1024 }, (_, at) => (at * 31) % 251)],
      ['a part of a larger buffer', new Uint8Array(100).fill(7).subarray(10, 20)],
    ])('of %s comes back as it was', async (_, value) => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      await bench().fill(bench().one, { key, token: 'a', versions, value, ttlMs: LONG_MS });
      const [outcome] = (await bench().read(bench().two, key, 'b')).outcomes;
      if (outcome?.kind !== 'hit') throw new Error(`not a hit: ${outcome?.kind}`);
      expect(Buffer.compare(outcome.value, value)).toBe(0);
    });
  });

  test('a batch is answered in the order of its keys', async () => {
    await bench().put(bench().person('2'), 'two');
    await bench().put(bench().person('4'), 'absent');
    await bench().read(bench().two, bench().person('5'), 'other');
    await bench().two.fence(bench().onKeys('3'), 'w', LONG_MS);
    const keys = ['1', '2', '3', '4', '5'].map((id) => bench().person(id));
    const { outcomes } = await bench().one.read(bench().people, keys, 'a', LONG_MS);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['lease', 'hit', 'fenced', 'absent', 'busy']);
  });

  test('a store answers a ping', async () => {
    await expect(bench().one.ping()).resolves.toBeUndefined();
  });
}
