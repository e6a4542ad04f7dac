import { describe, expect, test } from '@jest/globals';
import type { Guard, Scope, Targets } from '../../../src/cache/store/shared-store.js';
import { type Bench, LONG_MS, valueFill } from './bench.js';

const person = { table: 'people', schema: null };
const [OURS, THEIRS] = ['rule---1', 'rule---2'];

/** What hangs on a tag: all writers of one rule know the tags of what they change, and those of another do not. */
export function describeRules(bench: () => Bench): void {
  const changesUnder = (rule: string): Guard => bench().keys.otherRules(person, rule);
  const on = (rule: string): Targets => bench().onGuards(changesUnder(rule));
  const under = (rule: string): Scope => ({
    guards: [
      bench().keys.namespace,
      bench().personLists,
      bench().keys.tag('team:1'),
      bench().keys.otherRules(person, rule),
    ],
    absence: null,
    shape: 'shape--1',
    keyed: false,
  });
  const [ours, theirs] = [() => under(OURS), () => under(THEIRS)];
  const look = (scope: Scope, store = bench().one) => bench().look(store, bench().list('x'), 'a', scope);

  describe('an entry of one rule', () => {
    test('is left alone by changes under its rule, before, during and after', async () => {
      await bench().put(bench().list('x'), 'value', ours());
      await bench().two.fence(on(OURS), 'w', LONG_MS);
      expect(await look(ours())).toBe('"value"');
      expect(await bench().two.lift(on(OURS), 'w')).toBeNull();
      expect(await look(ours())).toBe('"value"');
      await bench().two.lift(on(OURS), 'relay');
      expect(await look(ours())).toBe('"value"');
    });

    test('is filled though a change under its rule is under way, and though one came since', async () => {
      const key = bench().list('x');
      await bench().two.fence(on(OURS), 'w', LONG_MS);
      const { versions, outcomes } = await bench().read(bench().one, key, 'a', ours());
      expect(outcomes[0]?.kind).toBe('lease');
      await bench().two.lift(on(OURS), 'w');
      expect(await bench().fill(bench().one, valueFill(key, 'a', versions, 'value'), ours())).toBe(1);
      expect(await look(ours(), bench().two)).toBe('"value"');
    });

    test('is fenced while a change under another is under way, and a miss after', async () => {
      await bench().put(bench().list('x'), 'old', ours());
      await bench().two.fence(on(THEIRS), 'w', LONG_MS);
      expect(await look(ours())).toBe('fenced');
      await bench().two.lift(on(THEIRS), 'w');
      expect(await look(ours())).toBe('lease');
    });

    test('is not filled from before a change under another, be it the first or not', async () => {
      const key = bench().list('x');
      for (const token of ['a', 'b']) {
        const { versions } = await bench().read(bench().one, key, token, ours());
        await bench().two.lift(on(THEIRS), 'relay');
        expect(await bench().fill(bench().one, valueFill(key, token, versions, 'old'), ours())).toBe(0);
        expect(await bench().look(bench().two, key, `after ${token}`, ours())).toBe('lease');
        await bench().two.lift({ keys: [key], guards: [] }, 'clear');
      }
    });

    test('is an entry again when it was filled after a change under another', async () => {
      await bench().two.lift(on(THEIRS), 'relay');
      await bench().put(bench().list('x'), 'new', ours());
      expect(await look(ours())).toBe('"new"');
    });

    test('is nothing to readers of another, who take its place', async () => {
      await bench().two.lift(on(OURS), 'relay');
      await bench().put(bench().list('x'), 'of ours', ours());
      await bench().two.lift(on(OURS), 'relay');
      expect(await look(theirs())).toBe('lease');
    });
  });

  test('a writer of our rule who ends does not open what one of another holds', async () => {
    await bench().two.fence(on(THEIRS), 'theirs', LONG_MS);
    await bench().one.fence(on(OURS), 'ours', LONG_MS);
    expect(await look(ours())).toBe('fenced');
    await bench().one.lift(on(OURS), 'ours');
    expect(await look(ours())).toBe('fenced');
    expect(await look(theirs())).toBe('lease');
    await bench().two.lift(on(THEIRS), 'theirs');
    expect(await look(ours())).toBe('lease');
  });

  test('of two writers with one token, each of a rule of its own, each lifts its own fence', async () => {
    await bench().two.fence(on(THEIRS), 'w', LONG_MS);
    await bench().one.fence(on(OURS), 'w', LONG_MS);
    expect(await bench().one.lift(on(OURS), 'w')).toBeNull();
    expect(await look(ours())).toBe('fenced');
    expect(await bench().two.lift(on(THEIRS), 'w')).toBeNull();
  });

  test('a change of another guard invalidates entries of both rules', async () => {
    const [one, two] = [bench().list('x'), bench().list('y')];
    await bench().put(one, 'value', ours());
    await bench().put(two, 'value', theirs());
    await bench().two.lift(bench().onGuards(bench().personLists), 'relay');
    expect(await look(ours())).toBe('lease');
    expect(await bench().look(bench().one, two, 'a', theirs())).toBe('lease');
  });

  test('no version that readers of one rule see comes twice, however often those of another write', async () => {
    const seen: string[] = [];
    const remember = async (): Promise<void> => {
      const { versions } = await bench().read(bench().one, bench().list('x'), 'a', ours());
      seen.push(versions.prefix);
    };
    await remember();
    for (let round = 0; round < 10; round += 1) {
      for (const rule of [THEIRS, 'rule---3']) {
        await bench().two.fence(on(rule), `w${round}`, LONG_MS);
        await remember();
        await bench().two.lift(on(rule), `w${round}`);
        await remember();
      }
    }
    expect(new Set(seen).size).toBe(seen.length);
  });
}
