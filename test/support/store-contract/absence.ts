import { describe, expect, test } from '@jest/globals';
import { type Bench, LONG_MS, PAST_SHORT_MS, SHORT_MS, valueFill } from './bench.js';

/** That there is none: known until something appears. */
export function describeAbsence(bench: () => Bench): void {
  const appearing = () => bench().onGuards(bench().absence);

  describe('an entry that says there is none', () => {
    test('is what every reader gets', async () => {
      await bench().put(bench().person('1'), 'absent');
      expect(await bench().look(bench().two, bench().person('1'))).toBe('absent');
    });

    test('is fenced while something may appear, and a miss after', async () => {
      const key = bench().person('1');
      await bench().put(key, 'absent');
      await bench().two.fence(appearing(), 'w', LONG_MS);
      expect(await bench().look(bench().one, key, 'a')).toBe('fenced');
      await bench().two.lift(appearing(), 'w');
      expect(await bench().look(bench().one, key, 'a')).toBe('lease');
    });

    test('is a miss after something appeared by another way', async () => {
      await bench().put(bench().person('1'), 'absent');
      await bench().two.lift(appearing(), 'relay');
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');
    });

    test('is forgotten when its time is over', async () => {
      await bench().put(bench().person('1'), 'absent', bench().people, SHORT_MS);
      await bench().advance(PAST_SHORT_MS);
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');
    });

    test('goes with its key and its model like any other', async () => {
      await bench().put(bench().person('1'), 'absent');
      await bench().two.fence(bench().onKeys('1'), 'w', LONG_MS);
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('fenced');
      await bench().two.lift(bench().onKeys('1'), 'w');
      expect(await bench().look(bench().one, bench().person('1'), 'a')).toBe('lease');

      await bench().put(bench().person('2'), 'absent');
      await bench().two.lift(bench().onGuards(bench().rows), 'relay');
      expect(await bench().look(bench().one, bench().person('2'), 'a')).toBe('lease');
    });

    test('is not stored where something may have appeared since the read, and the lease is free then', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      await bench().two.fence(appearing(), 'w', LONG_MS);
      await bench().fill(bench().one, valueFill(key, 'a', versions, 'absent'));
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });

    test('is not stored where something appeared from the first to the last moment between read and fill', async () => {
      const key = bench().person('1');
      const { versions } = await bench().read(bench().one, key, 'a');
      await bench().two.fence(appearing(), 'w', LONG_MS);
      await bench().two.lift(appearing(), 'w');
      await bench().fill(bench().one, valueFill(key, 'a', versions, 'absent'));
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });

    test.each([
      ['still may', false],
      ['has', true],
    ])('is not stored by who read while something was about to appear, when it %s', async (_, lifted) => {
      const key = bench().person('1');
      await bench().two.fence(appearing(), 'w', LONG_MS);
      const { versions, outcomes } = await bench().read(bench().one, key, 'a');
      expect(outcomes[0]?.kind).toBe('lease');
      expect(versions.absence).toBe('');
      if (lifted) await bench().two.lift(appearing(), 'w');
      await bench().fill(bench().one, valueFill(key, 'a', versions, 'absent'));
      expect(await bench().look(bench().two, key, 'b')).toBe('lease');
    });
  });

  test('values stay readable and can be filled while something is about to appear, and after', async () => {
    const [known, loading] = [bench().person('1'), bench().person('2')];
    await bench().put(known, 'value');
    const { versions } = await bench().read(bench().one, loading, 'a');
    await bench().two.fence(appearing(), 'w', LONG_MS);
    expect(await bench().look(bench().one, known)).toBe('"value"');
    expect(await bench().fill(bench().one, valueFill(loading, 'a', versions, 'loaded'))).toBe(1);
    await bench().put(bench().person('3'), 'filled under the fence');
    await bench().two.lift(appearing(), 'w');
    expect(await bench().look(bench().two, known)).toBe('"value"');
    expect(await bench().look(bench().two, loading)).toBe('"loaded"');
    expect(await bench().look(bench().two, bench().person('3'))).toBe('"filled under the fence"');
  });

  test('two who let something appear fence absence until both have ended', async () => {
    const key = bench().person('1');
    await bench().put(key, 'absent');
    await bench().one.fence(appearing(), 'w1', LONG_MS);
    await bench().two.fence(appearing(), 'w2', LONG_MS);
    await bench().one.lift(appearing(), 'w1');
    const { versions } = await bench().read(bench().one, bench().person('2'), 'a');
    expect(versions.absence).toBe('');
    await bench().two.lift(appearing(), 'w2');
    expect((await bench().read(bench().one, bench().person('3'), 'a')).versions.absence).not.toBe('');
  });
}
