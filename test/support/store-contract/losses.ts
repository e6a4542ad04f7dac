import { describe, expect, test } from '@jest/globals';
import { type EntryKey, fencesOf } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, valueFill } from './bench.js';

/** How keys are lost behind the back of the store, as by an eviction or a flush. */
export interface Loss {
  lose(...keys: string[]): Promise<void>;
  loseAll(): Promise<void>;
}

/** What holds when the store loses what it held: it may cost hits, and never makes an old value valid again. */
export function describeLosses(bench: () => Bench, loss: () => Loss): void {
  const versions: readonly (readonly [string, () => string])[] = [
    ['the namespace', () => bench().keys.namespace.version],
    ['the rows', () => bench().rows.version],
  ];

  describe.each(versions)('when the version of %s is lost', (_, version) => {
    test('what hung on it is a miss', async () => {
      await bench().put(bench().person('1'), 'old');
      await bench().put(bench().person('2'), 'absent');
      await loss().lose(version());
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');
      expect(await bench().look(bench().one, bench().person('2'), 'a')).toBe('lease');
    });

    test('a load under way fills nothing, before and after someone reads again', async () => {
      const key = bench().person('1');
      const { versions: before } = await bench().read(bench().one, key, 'a');
      await loss().lose(version());
      expect(await bench().fill(bench().one, valueFill(key, 'a', before, 'old'))).toBe(0);
      await bench().read(bench().two, bench().person('2'), 'b');
      expect(await bench().fill(bench().one, valueFill(key, 'a', before, 'old'))).toBe(0);
    });

    test('a fence that was set since keeps what it should, and what it leaves is a miss', async () => {
      const key = bench().person('1');
      await bench().put(key, 'old');
      await loss().lose(version());
      await bench().two.fence(bench().onGuards(bench().rows), 'w', LONG_MS);
      expect(await bench().look(bench().one, key, 'a')).toBe('fenced');
      expect(await bench().two.lift(bench().onGuards(bench().rows), 'w')).toBeNull();
      expect(await bench().look(bench().one, key, 'a')).toBe('lease');
    });
  });

  test('when the version of absence is lost, what is known to be absent is a miss, and values are not', async () => {
    await bench().put(bench().person('1'), 'absent');
    await bench().put(bench().person('2'), 'value');
    const { versions: before } = await bench().read(bench().one, bench().person('3'), 'a');
    await loss().lose(bench().absence.version);
    await bench().fill(bench().one, valueFill(bench().person('3'), 'a', before, 'absent'));
    expect(await bench().look(bench().two, bench().person('1'), 'b')).toBe('lease');
    expect(await bench().look(bench().two, bench().person('2'), 'b')).toBe('"value"');
    expect(await bench().look(bench().two, bench().person('3'), 'b')).toBe('lease');
  });

  test('when the version of one of several tags is lost, the entry is a miss', async () => {
    const list = bench().list('x');
    await bench().put(list, 'old', bench().teams);
    await loss().lose(bench().teamLists.version);
    expect(await bench().look(bench().one, list, 'a', bench().teams)).toBe('lease');
  });

  test('when the versions of all rules are lost, what hung on them is a miss for good, also after they came back', async () => {
    const person = { table: 'people', schema: null };
    const guard = bench().keys.otherRules(person, 'rule---1');
    const scope = { ...bench().teams, guards: [bench().keys.namespace, guard] };
    const list = bench().list('x');
    await bench().put(list, 'old', scope);
    await bench().two.lift(bench().onGuards(bench().keys.otherRules(person, 'rule---2')), 'relay');
    await loss().lose(guard.version);
    const { versions, outcomes } = await bench().read(bench().one, list, 'a', scope);
    expect(outcomes[0]?.kind).toBe('lease');
    await loss().lose(guard.version);
    expect(await bench().fill(bench().one, valueFill(list, 'a', versions, 'old'), scope)).toBe(0);
    expect(await bench().look(bench().one, list, 'b', scope)).toBe('lease');
    expect(await bench().fill(bench().one, valueFill(list, 'a', versions, 'old'), scope)).toBe(0);
  });

  test('when a lease is lost, its holder fills nothing', async () => {
    const key = bench().person('1');
    const { versions: before } = await bench().read(bench().one, key, 'a');
    await loss().lose(key);
    expect(await bench().fill(bench().one, valueFill(key, 'a', before, 'old'))).toBe(0);
    expect(await bench().look(bench().two, key, 'b')).toBe('lease');
  });

  test('a plain DEL of an entry is an invalidation', async () => {
    const key: EntryKey = bench().person('1');
    await bench().put(key, 'old');
    await loss().lose(key);
    expect(await bench().look(bench().two, key, 'b')).toBe('lease');
  });

  describe('when a fence is lost', () => {
    test.each([
      ['on a key', () => ({ targets: bench().onKeys('1'), fences: fencesOf(bench().person('1')) })],
      ['on a guard', () => ({ targets: bench().onGuards(bench().rows), fences: bench().rows.fences })],
    ])(
      '%s, its lift takes away what was filled behind it, refuses what was loaded, and is announced',
      async (_, at) => {
        const [filled, loading] = [bench().person('1'), bench().person('1')];
        const { targets, fences } = at();
        await bench().two.fence(targets, 'w', LONG_MS);
        await loss().lose(fences);
        await bench().put(filled, 'old');
        expect(await bench().two.lift(targets, 'w')).not.toBeNull();
        const { versions: before, outcomes } = await bench().read(bench().one, loading, 'a');
        expect(outcomes[0]?.kind).toBe('lease');

        await bench().two.fence(targets, 'w2', LONG_MS);
        await loss().lose(fences);
        await bench().two.lift(targets, 'w2');
        expect(await bench().fill(bench().one, valueFill(loading, 'a', before, 'old'))).toBe(0);
      },
    );

    test('on absence, its lift takes away what was believed absent meanwhile', async () => {
      const [filled, loading] = [bench().person('1'), bench().person('2')];
      const targets = bench().onGuards(bench().absence);
      await bench().two.fence(targets, 'w', LONG_MS);
      await loss().lose(bench().absence.fences);
      await bench().put(filled, 'absent');
      const { versions: before } = await bench().read(bench().one, loading, 'a');
      expect(await bench().two.lift(targets, 'w')).not.toBeNull();
      await bench().fill(bench().one, valueFill(loading, 'a', before, 'absent'));
      expect(await bench().look(bench().one, filled, 'b')).toBe('lease');
      expect(await bench().look(bench().one, loading, 'b')).toBe('lease');
    });
  });

  describe('when everything is lost', () => {
    test('a load under way fills nothing', async () => {
      const key = bench().person('1');
      const { versions: before } = await bench().read(bench().one, key, 'a');
      await loss().loseAll();
      expect(await bench().fill(bench().one, valueFill(key, 'a', before, 'old'))).toBe(0);
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
      expect(await bench().fill(bench().one, valueFill(key, 'a', before, 'old'))).toBe(0);
    });

    test('the lift of a fence from before is announced, and what was filled meanwhile goes', async () => {
      const targets = { ...bench().onKeys('1'), guards: [bench().rows, bench().absence] };
      await bench().two.fence(targets, 'w', LONG_MS);
      await loss().loseAll();
      await bench().put(bench().person('1'), 'old');
      await bench().put(bench().person('2'), 'absent');
      expect(await bench().two.lift(targets, 'w')).not.toBeNull();
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');
      expect(await bench().look(bench().one, bench().person('2'), 'a')).toBe('lease');
    });
  });
}
