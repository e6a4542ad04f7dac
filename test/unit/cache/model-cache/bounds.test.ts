import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CacheParts } from '../../../../src/cache/cache-wiring.js';
import { ModelCache } from '../../../../src/cache/model-cache.js';
import { Meter } from '../../../../src/cache/statistics/meters.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';
import { memoryCacheParts, plainModel, schemaOf, updateOf } from '../../../support/memory-cache.js';

/** How many caches of tagged queries a model keeps, and the guards that all of them share. */
const KEPT = 1_000;
const SHARED_GUARDS = 10;

describe('a cache that is asked under more and more tags', () => {
  let parts: CacheParts;
  let tasks: ModelCache;

  beforeEach(() => {
    parts = memoryCacheParts(schemaOf(plainModel('Task')));
    tasks = new ModelCache(
      parts.models,
      'Task',
      { ttlSeconds: { entity: 60, query: 60 } },
      new Meter(new ManualClock()),
    );
  });

  const list = (within: string, load: () => Promise<string>) =>
    tasks.query({ models: ['Task'], operation: 'findMany', text: '{}', within }, load);
  const never = () => Promise.reject(new Error('This was to be answered without a load.'));
  const held = () => parts.near?.held ?? { scopes: Number.NaN, guards: Number.NaN };
  /** Asks under so many tags that none from before is kept. */
  const crowdOut = async (): Promise<void> => {
    for (let n = 0; n < KEPT; n += 1) await list(`crowd:${n}`, async () => 'v');
    // What was loaded is stored when the event loop turns.
    await settled();
  };
  const write = (tag: string) =>
    tasks.write(
      { effects: updateOf('Task'), ids: ['1'], named: [], tags: [tag] },
      async () => undefined,
      null,
    );

  test('keeps what it knows of the last thousand, and of no more', async () => {
    for (let n = 0; n < 20_000; n += 100) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => list(`team:${n + index}`, async () => 'v')),
      );
    }
    expect(held().scopes).toBeLessThanOrEqual(KEPT + SHARED_GUARDS);
    expect(held().guards).toBeLessThanOrEqual(KEPT + SHARED_GUARDS);
    expect(await list('team:19999', never)).toBe('v');
  }, 180_000);

  test('computes as many values under other tags, and is bounded too', async () => {
    for (let n = 0; n < 5_000; n += 1) {
      const options = { tags: [`a${n}`, `b${n}`], models: ['Task'], ttlSeconds: 60 };
      await parts.values.getOrLoad(`k${n}`, async () => n, options);
    }
    expect(held().scopes).toBeLessThanOrEqual(KEPT + SHARED_GUARDS);
    expect(held().guards).toBeLessThanOrEqual(2 * KEPT + SHARED_GUARDS);
  });

  test('answers from memory nothing that it put there under a tag that it no longer listens for', async () => {
    await list('team:1', async () => 'old');
    await crowdOut();
    // Nobody in this process listens for the tag now.
    await write('team:1');
    expect(await list('team:1', async () => 'new')).toBe('new');
    expect(await list('team:1', never)).toBe('new');
  });

  test('finds in the shared cache what it has forgotten', async () => {
    await list('team:1', async () => 'v');
    await crowdOut();
    expect(await list('team:1', never)).toBe('v');
  });

  test('keeps nothing of a read that was under way when its tag was crowded out, and answers it', async () => {
    let end: ((value: string) => void) | undefined;
    const reading = list(
      'team:1',
      () =>
        new Promise((resolve) => {
          end = resolve;
        }),
    );
    await crowdOut();
    expect(end).toBeDefined();
    await write('team:1');
    end?.('old');
    expect(await reading).toBe('old');
    expect(await list('team:1', async () => 'new')).toBe('new');
    expect(await list('team:1', never)).toBe('new');
    expect(held().scopes).toBeLessThanOrEqual(KEPT + SHARED_GUARDS);
  });

  test('lets several ask under a tag while it is crowded out, and all are answered', async () => {
    const readings: Promise<string>[] = [];
    for (let n = 0; n < 3 * KEPT; n += 1) {
      readings.push(list(`team:${n}`, async () => `v${n}`));
      readings.push(list('team:0', async () => 'v0'));
    }
    const values = await Promise.all(readings);
    expect(values.filter((value, index) => value !== (index % 2 === 1 ? 'v0' : `v${index / 2}`))).toEqual([]);
  });
});
