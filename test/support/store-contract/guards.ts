import { describe, expect, test } from '@jest/globals';
import type { Guard } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, valueFill } from './bench.js';

/** What hangs on several guards together: lists under tags, and everything under the namespace. */
export function describeGuards(bench: () => Bench): void {
  const tags: readonly (readonly [string, () => Guard])[] = [
    ['the first tag', () => bench().personLists],
    ['the second tag', () => bench().teamLists],
  ];

  describe.each(tags)('an entry under two tags, of which %s is changed', (_, tag) => {
    test('is fenced while the change is under way, and a miss after', async () => {
      const list = bench().list('x');
      await bench().put(list, 'old', bench().teams);
      await bench().two.fence(bench().onGuards(tag()), 'w', LONG_MS);
      expect(await bench().look(bench().one, list, 'a', bench().teams)).toBe('fenced');
      await bench().two.lift(bench().onGuards(tag()), 'w');
      expect(await bench().look(bench().one, list, 'a', bench().teams)).toBe('lease');
    });

    test('is not filled from before the change', async () => {
      const list = bench().list('x');
      const { versions } = await bench().read(bench().one, list, 'a', bench().teams);
      await bench().two.lift(bench().onGuards(tag()), 'relay');
      const fill = valueFill(list, 'a', versions, 'old');
      expect(await bench().fill(bench().one, fill, bench().teams)).toBe(0);
      expect(await bench().look(bench().two, list, 'b', bench().teams)).toBe('lease');
    });
  });

  test('a change of one tag leaves alone what does not hang on it', async () => {
    await bench().put(bench().person('1'), 'row');
    await bench().two.fence(bench().onGuards(bench().teamLists, bench().personLists), 'w', LONG_MS);
    expect(await bench().look(bench().one, bench().person('1'))).toBe('"row"');
  });

  test('a fence on a key means nothing to entries that have no fences of their own', async () => {
    const list = bench().list('x');
    await bench().put(list, 'list', bench().teams);
    await bench().two.fence({ keys: [list], guards: [] }, 'w', LONG_MS);
    expect(await bench().look(bench().one, list, 'a', bench().teams)).toBe('lease');
  });

  test('a change of the namespace invalidates everything, loads under way included', async () => {
    const [row, loading, list] = [bench().person('1'), bench().person('2'), bench().list('x')];
    await bench().put(row, 'row');
    await bench().put(list, 'list', bench().teams);
    const { versions } = await bench().read(bench().one, loading, 'a');
    await bench().two.lift(bench().onGuards(bench().keys.namespace), 'clear');
    expect(await bench().fill(bench().one, valueFill(loading, 'a', versions, 'old'))).toBe(0);
    expect(await bench().look(bench().one, row, 'b')).toBe('lease');
    expect(await bench().look(bench().one, loading, 'b')).toBe('lease');
    expect(await bench().look(bench().one, list, 'b', bench().teams)).toBe('lease');
  });

  test('no version comes twice, however often it changes', async () => {
    const seen: string[] = [];
    const remember = async (): Promise<void> => {
      seen.push((await bench().read(bench().one, bench().person('1'), 'a')).versions.prefix);
    };
    await remember();
    for (let round = 0; round < 20; round += 1) {
      await bench().two.fence(bench().onGuards(bench().rows), `w${round}`, LONG_MS);
      await remember();
      await bench().two.lift(bench().onGuards(bench().rows), `w${round}`);
      await remember();
    }
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('versions stay as they are while nothing changes', async () => {
    const { versions } = await bench().read(bench().one, bench().person('1'), 'a');
    expect((await bench().read(bench().two, bench().person('2'), 'b')).versions).toEqual(versions);
    await bench().two.fence(bench().onKeys('1'), 'w', LONG_MS);
    expect((await bench().read(bench().two, bench().person('2'), 'b')).versions).toEqual(versions);
  });
}
