import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CacheManager, ModelCache, QueryRequest } from '../../../../src/cache/index.js';
import { InvalidArgumentError } from '../../../../src/errors.js';
import type { ManualClock } from '../../../support/manual-clock.js';
import { CountedLoad, memoryCache, plainModel, schemaOf, updateOf } from '../../../support/memory-cache.js';

const TTL = { entity: 100, query: 50 };
const list: QueryRequest = { models: ['Task'], operation: 'findMany', text: '{}' };

describe('a query of a model', () => {
  let manager: CacheManager;
  let clock: ManualClock;
  let tasks: ModelCache;
  let users: ModelCache;
  let load: CountedLoad<unknown>;

  beforeEach(() => {
    ({ manager, clock } = memoryCache(schemaOf(plainModel('Task'), plainModel('User'))));
    const open = (model: string): ModelCache => {
      const cache = manager.model(model, TTL, ['team:{teamId}']);
      if (cache === null) throw new Error('The cache is off.');
      return cache;
    };
    [tasks, users] = [open('Task'), open('User')];
    load = new CountedLoad<unknown>(Object.freeze(['value']));
  });

  const read = (more: Partial<QueryRequest> = {}) => tasks.query({ ...list, ...more }, load.run);
  /** Whether the query is answered without a load. */
  const isKept = async (more: Partial<QueryRequest> = {}): Promise<boolean> =>
    (await load.during(() => read(more))) === 0;
  const write = (tags: readonly string[] | null, cache = tasks, ...models: string[]) =>
    cache.write(
      { effects: updateOf(...(models.length === 0 ? ['Task'] : models)), ids: ['1'], named: [], tags },
      async () => undefined,
      null,
    );
  /** Keeps all of these, and says which are kept after that. */
  const leftAfter = async (
    happens: () => Promise<unknown>,
    requests: Readonly<Record<string, Partial<QueryRequest>>>,
  ): Promise<string[]> => {
    for (const request of Object.values(requests)) await read(request);
    for (const request of Object.values(requests)) expect(await isKept(request)).toBe(true);
    await happens();
    const left: string[] = [];
    for (const [name, request] of Object.entries(requests)) if (await isKept(request)) left.push(name);
    return left;
  };

  const kinds = {
    all: {},
    one: { within: 'team:1' },
    two: { within: 'team:2' },
    both: { models: ['Task', 'User'], within: 'team:1', text: '{ user }' },
    mine: { tags: ['mine'] },
    oneOfMine: { within: 'team:1', tags: ['mine'] },
  };

  test('is loaded once, and is the same object for all who ask', async () => {
    const first = await read();
    expect(await read()).toBe(first);
    expect(load.count).toBe(1);
  });

  describe('is another entry', () => {
    test.each<[what: string, one: Partial<QueryRequest>, other: Partial<QueryRequest>]>([
      ['within a tag', {}, { within: 'team:1' }],
      ['within another tag', { within: 'team:1' }, { within: 'team:2' }],
      ['within a tag than with it on top', { within: 'team:1' }, { tags: ['team:1'] }],
      ['with a tag', {}, { tags: ['a'] }],
      ['with two tags than with one that holds a comma', { tags: ['a', 'b'] }, { tags: ['a,b'] }],
      ['of another operation', {}, { operation: 'findFirst' }],
      ['of another text', {}, { text: '{"x":1}' }],
      ['of a text that looks like tags', { tags: ['a'] }, { text: '{}\0[null,["a"]]' }],
    ])('%s', async (_what, one, other) => {
      await read(one);
      load.value = Object.freeze(['of the other']);
      expect(await read(other)).toEqual(['of the other']);
      expect(await read(one)).toEqual(['value']);
    });

    test('not with the same tags in another order, or twice', async () => {
      await read({ tags: ['a', 'b'] });
      expect(await isKept({ tags: ['b', 'a', 'b'] })).toBe(true);
    });
  });

  test('within a tag outlives changes of other tags, and one of any tag outlives none', async () => {
    expect(await leftAfter(() => write(['team:2']), kinds)).toEqual(['one', 'both', 'oneOfMine']);
    expect(await leftAfter(() => write(['team:2', 'team:1']), kinds)).toEqual([]);
    expect(await leftAfter(() => write([]), kinds)).toEqual(['one', 'two', 'both', 'oneOfMine']);
  });

  test('outlives no change of which the tags are not known', async () => {
    expect(await leftAfter(() => write(null), kinds)).toEqual([]);
  });

  test('outlives no change of another model that it reads, of whatever tags, and no write that touches its own', async () => {
    const others = () => write(['user:9'], users, 'User');
    expect(await leftAfter(others, kinds)).toEqual(['all', 'one', 'two', 'mine', 'oneOfMine']);
    // Tags are of no model: what bears one concerns all that hang on it.
    const ofTwo = () => write(['team:2'], users, 'User');
    expect(await leftAfter(ofTwo, kinds)).toEqual(['all', 'one', 'mine', 'oneOfMine']);
    // Nested in a write of another model, it is not known which tags a change concerns.
    const nested = () => write(['team:2'], users, 'User', 'Task');
    expect(await leftAfter(nested, kinds)).toEqual([]);
  });

  test('is invalidated by a tag of the caller, and by the one that it is within', async () => {
    expect(await leftAfter(() => manager.invalidateTags(['mine']), kinds)).toEqual([
      'all',
      'one',
      'two',
      'both',
    ]);
    expect(await leftAfter(() => manager.invalidateTags(['team:1']), kinds)).toEqual(['all', 'two', 'mine']);
  });

  test('outlives no change by one who knows tags by another rule', async () => {
    const theirs = manager.model('Task', TTL, ['user:{userId}']);
    if (theirs === null) throw new Error('The cache is off.');
    expect(await leftAfter(() => write(['user:5'], theirs), kinds)).toEqual([]);
    expect(await leftAfter(() => write(['user:5'], theirs), { mine: kinds.mine })).toEqual([]);
    // In whatever order the rules are given, they are the same.
    const [one, two] = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((rules) => manager.model('Task', TTL, rules));
    tasks = one as ModelCache;
    expect(await leftAfter(() => write(['team:2'], two as ModelCache), { one: kinds.one })).toEqual(['one']);
  });

  test('is kept for the time of the model, or its own', async () => {
    const lived = async (request: Partial<QueryRequest>): Promise<number> => {
      await read(request);
      let seconds = 0;
      while (await isKept(request)) {
        seconds += 1;
        await clock.advance(1_000);
      }
      return seconds;
    };
    expect(await lived({ text: 'usual' })).toBe(50);
    expect(await lived({ text: 'own', ttlMs: 7_000 })).toBe(7);
    expect(await lived({ text: 'own, within', within: 'team:1', ttlMs: 7_000 })).toBe(7);
    // At 60 s memory forgets it and asks the store, whose answer it keeps for a tenth of its time.
    expect(await lived({ text: 'longer', ttlMs: 100_000 })).toBe(100);
    expect(await lived({ text: 'longer still', ttlMs: 109_000 })).toBeLessThanOrEqual(120);
  });

  test.each([null, undefined])(
    'whose result is %p is answered with it, and asked for again',
    async (nothing) => {
      load.value = nothing;
      expect(await read()).toBe(nothing);
      expect(await isKept()).toBe(false);
      load.value = 'something';
      expect(await read()).toBe('something');
      expect(await isKept()).toBe(true);
    },
  );

  test.each([0, -1, Number.NaN])('that is to be kept for %p ms is refused', (ttlMs) => {
    expect(() => read({ ttlMs })).toThrow(InvalidArgumentError);
  });

  test('of more than a hundred tags is refused', () => {
    const tags = Array.from({ length: 101 }, (_, index) => `${index}`);
    expect(() => read({ tags })).toThrow(InvalidArgumentError);
  });
});
