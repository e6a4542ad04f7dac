import { beforeEach, describe, expect, test } from '@jest/globals';
import { CacheManager, type LoadOptions, type ModelCache } from '../../../src/cache/index.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { InvalidArgumentError, WiringError } from '../../../src/errors.js';
import type { ManualClock } from '../../support/manual-clock.js';
import {
  CountedLoad,
  memoryCache,
  nothingRecorded,
  plainModel,
  schemaOf,
  updateOf,
} from '../../support/memory-cache.js';

const SCHEMA = schemaOf(plainModel('Task'), plainModel('User'));
interface Request extends LoadOptions {
  readonly key: string;
}

const plain: Request = { key: 'dashboard', tags: [], models: [], ttlSeconds: 10 };

describe('a computed value', () => {
  let manager: CacheManager;
  let clock: ManualClock;
  let tasks: ModelCache;
  let load: CountedLoad<unknown>;

  beforeEach(() => {
    ({ manager, clock } = memoryCache(SCHEMA));
    tasks = manager.model('Task', { entity: 60, query: 60 }) as ModelCache;
    load = new CountedLoad<unknown>({ open: 3 });
  });

  const ask = ({ key, ...options }: Request, by: () => Promise<unknown>) =>
    manager.getOrLoad(key, by, options);
  const read = (more: Partial<Request> = {}) => ask({ ...plain, ...more }, load.run);
  const isKept = async (more: Partial<Request> = {}): Promise<boolean> =>
    (await load.during(() => read(more))) === 0;
  const write = (tags: readonly string[] | null) =>
    tasks.write({ effects: updateOf('Task'), ids: ['1'], named: [], tags }, async () => undefined, null);

  test('is computed once, frozen, and shared by all who ask at a time', async () => {
    const all = await Promise.all([read(), read(), read()]);
    expect(load.count).toBe(1);
    expect(all[0]).toEqual({ open: 3 });
    expect(Object.isFrozen(all[0])).toBe(true);
    expect(await isKept()).toBe(true);
    expect(await isKept({ key: 'another' })).toBe(false);
  });

  test('is kept for its time', async () => {
    await read();
    await clock.advance(9_999);
    expect(await isKept()).toBe(true);
    await clock.advance(1);
    expect(await isKept()).toBe(false);
  });

  test.each([null, undefined])('that is %p is answered with it by all, and not kept', async (nothing) => {
    load.value = nothing;
    expect(await Promise.all([read(), read()])).toEqual([nothing, nothing]);
    expect(await isKept()).toBe(false);
    load.value = false;
    expect(await read()).toBe(false);
    expect(await isKept()).toBe(true);
  });

  test('is invalidated by its name, by its tags, and by all that is cleared', async () => {
    const request = { tags: ['a', 'b'] };
    for (const invalidate of [
      () => manager.deleteMultiple(['x', 'dashboard']),
      () => manager.invalidateTags(['b', 'c']),
      () => manager.clear(),
    ]) {
      await read(request);
      expect(await isKept(request)).toBe(true);
      expect(await invalidate()).toBe(true);
      expect(await isKept(request)).toBe(false);
    }
    expect(await manager.deleteMultiple(['x', 'y'])).toBe(true);
    expect(await manager.invalidateTags(['c'])).toBe(true);
    expect(await isKept(request)).toBe(true);
  });

  test('is invalidated by very many names and tags at once', async () => {
    const names = Array.from({ length: 2_001 }, (_, index) => `n${index}`);
    for (const invalidate of [() => manager.deleteMultiple(names), () => manager.invalidateTags(names)]) {
      for (const name of ['n0', 'n500', 'n2000']) await read({ key: name, tags: [name] });
      expect(await invalidate()).toBe(true);
      for (const name of ['n0', 'n500', 'n2000'])
        expect(await isKept({ key: name, tags: [name] })).toBe(false);
    }
  });

  test('is invalidated by every write of the models that it is computed from, whatever tags are known of it', async () => {
    const request = { models: ['Task'] };
    for (const tags of [null, [], ['team:1']]) {
      await read(request);
      expect(await isKept(request)).toBe(true);
      await write(tags);
      expect(await isKept(request)).toBe(false);
    }
    await read({ models: ['User'] });
    await write(null);
    expect(await isKept({ models: ['User'] })).toBe(true);
  });

  test('is invalidated by a write that concerns one of its tags', async () => {
    await read({ tags: ['team:1'] });
    await write(['team:2']);
    expect(await isKept({ tags: ['team:1'] })).toBe(true);
    await write(['team:1']);
    expect(await isKept({ tags: ['team:1'] })).toBe(false);
  });

  test('of one name under other tags is never answered past what its reader asked to be told of', async () => {
    await read({ tags: ['a'] });
    await read({ tags: ['b'] });
    load.value = 'new';
    await manager.invalidateTags(['b']);
    expect(await read({ tags: ['b'] })).toBe('new');
    await manager.deleteMultiple(['dashboard']);
    expect(await isKept({ tags: ['a'] })).toBe(false);
    await manager.deleteMultiple(['dashboard']);
    expect(await isKept({ tags: ['b'] })).toBe(false);
  });

  test('of a reader that began before an invalidation is not kept', async () => {
    let end: ((value: string) => void) | undefined;
    const reading = ask(
      { ...plain, tags: ['a'] },
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    );
    await clock.advance(0);
    await manager.invalidateTags(['a']);
    end?.('old');
    expect(await reading).toBe('old');
    load.value = 'new';
    expect(await read({ tags: ['a'] })).toBe('new');
  });

  test('that fails to be computed fails for those who asked, and is computed anew', async () => {
    const failing = () => Promise.reject(new Error('no database'));
    await expect(ask(plain, failing)).rejects.toThrow('no database');
    expect(await read()).toEqual({ open: 3 });
  });

  test('holds bytes that are each reader’s own', async () => {
    load.value = { bytes: new Uint8Array([1, 2]) };
    for (let count = 0; count < 3; count += 1) {
      const { bytes } = (await read()) as { bytes: Uint8Array };
      expect([...bytes]).toEqual([1, 2]);
      bytes[0] = 9;
    }
    expect(load.count).toBe(1);
  });

  test('that cannot be stored is answered, and computed each time', async () => {
    load.value = { run: () => 1 };
    expect(await read()).toBe(load.value);
    expect(await isKept()).toBe(false);
  });

  test.each<[string, Partial<Request>, new (...args: never[]) => Error]>([
    ['of no time', { ttlSeconds: 0 }, InvalidArgumentError],
    ['of a time that is no number', { ttlSeconds: Number.NaN }, InvalidArgumentError],
    [
      'of too many tags',
      { tags: Array.from({ length: 101 }, (_, index) => `${index}`) },
      InvalidArgumentError,
    ],
    ['of a model that there is not', { models: ['Nothing'] }, WiringError],
  ])('%s is refused', async (_what, request, type) => {
    await expect(read(request)).rejects.toThrow(type);
    expect(load.count).toBe(0);
  });

  test('is computed each time where the cache is off', async () => {
    const config = loadConfig({ NODE_ENV: 'test', DATABASE_URL: 'postgresql://unused@127.0.0.1/unused' });
    manager = new CacheManager({ config, logger: silentLogger, metadata: SCHEMA, outbox: nothingRecorded });
    expect(await isKept()).toBe(false);
    expect(await isKept()).toBe(false);
    expect(await manager.deleteMultiple(['dashboard'])).toBe(true);
    expect(await manager.invalidateTags(['a'])).toBe(true);
  });
});
