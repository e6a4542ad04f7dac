import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EntityCache } from '../../../src/cache/index.js';
import { CacheManager } from '../../../src/cache/index.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { sharedRedis } from '../../support/servers.js';

/*
 * Two processes that share a cache and a "row", stopped between any two of their steps while the other runs to its end.
 * The row is a variable, so that the order of events is exactly the one written here; the store is a real Redis, or
 * memory.
 */

interface Row {
  readonly value: string;
}

/** A load that reads the row when told, and answers when told. */
function stoppedLoad(read: () => Row): { load: () => Promise<Row>; query: () => void; answer: () => void } {
  let row: Row | null = null;
  let answer: (() => void) | null = null;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return {
    load: async () => {
      await answered;
      return row ?? read();
    },
    query: () => {
      row = read();
    },
    answer: () => answer?.(),
  };
}

const KEY = '1';
const effects = { ids: [KEY], models: [] };
const modelWide = { ids: [], models: ['Thing'] };

describe.each(['memory', 'redis'] as const)('between the steps of a reader and a writer over %s', (tier) => {
  let managers: CacheManager[];
  let reader: EntityCache<Row>;
  let writer: EntityCache<Row>;
  let third: EntityCache<Row>;
  let row: Row;
  const load = async (): Promise<Row> => row;
  const current = (cache: EntityCache<Row>): Promise<string | undefined> =>
    cache.read(KEY, load).then((entity) => entity?.value);
  /** Reads until the entry has been filled, so that the next reader would get a hit. */
  const warm = async (): Promise<void> => {
    let loads = 1;
    while (loads > 0) {
      loads = 0;
      await third.read(KEY, async () => {
        loads += 1;
        return row;
      });
    }
  };

  beforeEach(async () => {
    const { url, keyPrefix } = sharedRedis();
    const config = loadConfig({
      NODE_ENV: 'test',
      DATABASE_URL: 'postgresql://unused@127.0.0.1/unused',
      CACHE_PREFIX: keyPrefix,
      ...(tier === 'redis' ? { REDIS_URL: url } : { ENABLE_LOCAL_CACHE: 'true' }),
    });
    const make = (): CacheManager =>
      new CacheManager({ config, logger: silentLogger, schemaFingerprint: 'shape' });
    // Memory is one process by nature; over Redis each has a connection of its own.
    const one = make();
    managers = tier === 'redis' ? [one, make(), make()] : [one, one, one];
    await Promise.all(managers.map((manager) => manager.connect()));
    const caches = managers.map((manager) => manager.entities<Row>('Thing', 60));
    [reader, writer, third] = caches as [EntityCache<Row>, EntityCache<Row>, EntityCache<Row>];
    row = { value: 'old' };
  });

  afterEach(async () => {
    await Promise.all(managers.map((manager) => manager.disconnect()));
  });

  test('a load that read before a write, and is answered after its end, fills nothing', async () => {
    const slow = stoppedLoad(() => row);
    const reading = reader.read(KEY, slow.load);
    // The lease is taken: another reader would now find it busy.
    await leaseTaken(third);
    slow.query();
    await writer.write(effects, async () => {
      row = { value: 'new' };
    });
    slow.answer();
    expect((await reading)?.value).toBe('old');
    expect(await current(third)).toBe('new');
    expect(await current(reader)).toBe('new');
  });

  test('a load that read before a commit, and is answered before the lift, fills nothing', async () => {
    const slow = stoppedLoad(() => row);
    const reading = reader.read(KEY, slow.load);
    await leaseTaken(third);
    slow.query();
    await writer.write(effects, async () => {
      row = { value: 'new' };
      slow.answer();
      await reading;
    });
    expect(await current(third)).toBe('new');
  });

  test('a reader that comes before the commit gets the old value and leaves none behind', async () => {
    await warm();
    let seen: string | undefined;
    await writer.write(effects, async () => {
      seen = await current(reader);
      row = { value: 'new' };
    });
    expect(seen).toBe('old');
    expect(await current(reader)).toBe('new');
  });

  test('once one reader has seen the new value, no other sees the old one, though the write has not ended', async () => {
    await warm();
    await writer.write(effects, async () => {
      row = { value: 'new' };
      expect(await current(reader)).toBe('new');
      expect(await current(third)).toBe('new');
    });
  });

  test('a write that was rolled back leaves the old value readable and cacheable', async () => {
    await warm();
    const refused = Object.assign(new Error('unique'), { code: 'P2002' });
    await expect(writer.write(effects, () => Promise.reject(refused))).rejects.toBe(refused);
    await warm();
    expect(await current(reader)).toBe('old');
  });

  test('a write whose outcome is not known keeps its fence, so that a late commit is seen', async () => {
    await warm();
    const lost = Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
    await expect(writer.write(effects, () => Promise.reject(lost))).rejects.toBe(lost);
    expect(await current(reader)).toBe('old');
    row = { value: 'committed after all' };
    expect(await current(reader)).toBe('committed after all');
    expect(await current(third)).toBe('committed after all');
  });

  test('of two writers, the one that ends first does not open the key for the other', async () => {
    await warm();
    let endFirst: (() => void) | null = null;
    const held = new Promise<void>((resolve) => {
      endFirst = resolve;
    });
    let started: (() => void) | null = null;
    const firstStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const first = writer.write(effects, async () => {
      started?.();
      await held;
      row = { value: 'first' };
    });
    await firstStarted;
    await third.write(effects, async () => {
      row = { value: 'second' };
    });
    // The first has not committed yet; what is read now must not be there when it has.
    expect(await current(reader)).toBe('second');
    (endFirst as (() => void) | null)?.();
    await first;
    expect(await current(reader)).toBe('first');
  });

  test('a write that does not know its rows invalidates loads under way as well', async () => {
    const slow = stoppedLoad(() => row);
    const reading = reader.read(KEY, slow.load);
    await leaseTaken(third);
    slow.query();
    await writer.write(modelWide, async () => {
      row = { value: 'new' };
    });
    slow.answer();
    await reading;
    expect(await current(third)).toBe('new');
  });

  test('readers of other processes wait for the one load, and get its value', async () => {
    const slow = stoppedLoad(() => row);
    const first = reader.read(KEY, slow.load);
    await leaseTaken(writer);
    let otherLoads = 0;
    const others = [writer, third].map((cache) =>
      cache.read(KEY, async () => {
        otherLoads += 1;
        return row;
      }),
    );
    slow.query();
    slow.answer();
    const values = await Promise.all([first, ...others]);
    expect(values.map((entity) => entity?.value)).toEqual(['old', 'old', 'old']);
    expect(otherLoads).toBe(0);
  });

  test('a load that fails gives its lease back, so that the next reader loads at once', async () => {
    await expect(reader.read(KEY, () => Promise.reject(new Error('no database')))).rejects.toThrow(
      'no database',
    );
    expect(await current(third)).toBe('old');
  });

  /** Resolves when a reader holds the lease on the key, which shows in that a look finds it busy. */
  async function leaseTaken(looker: EntityCache<Row>): Promise<void> {
    const manager = managers[[reader, writer, third].indexOf(looker)] as CacheManager;
    const before = manager.getStatistics().leaseWaits;
    const look = looker.read(KEY, load);
    while (manager.getStatistics().leaseWaits === before)
      await new Promise((resolve) => setImmediate(resolve));
    // The look itself is left to find whatever comes; its answer is not asserted.
    look.catch(() => undefined);
  }
});
