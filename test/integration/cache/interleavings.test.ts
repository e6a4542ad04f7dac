import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CacheManager } from '../../../src/cache/index.js';
import { type Coherence, loadConfig, silentLogger } from '../../../src/config/index.js';
import type { ModelMetadata, SchemaMetadata, WriteEffects } from '../../../src/database/index.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
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
function stoppedLoad(read: () => Row): {
  load: () => Promise<Row>;
  /** Resolves when it was called, so that its reader holds the lease. */
  called: Promise<void>;
  query: () => void;
  answer: () => void;
} {
  let row: Row | undefined;
  let onCalled: (() => void) | null = null;
  const called = new Promise<void>((resolve) => {
    onCalled = resolve;
  });
  let answer: (() => void) | null = null;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  return {
    called,
    load: async () => {
      onCalled?.();
      await answered;
      return row === undefined ? read() : row;
    },
    query: () => {
      row = read();
    },
    answer: () => answer?.(),
  };
}

const KEY = '1';
const thing: ModelMetadata = {
  name: 'Thing',
  table: 'things',
  schema: null,
  readOnly: false,
  shape: 'shape',
  id: ['id'],
  uniques: [],
  compoundKeys: {},
  fields: {},
};
const metadata: SchemaMetadata = { models: { Thing: thing } };

/** An update of the row by its id. */
const effects: WriteEffects = {
  ownRow: true,
  models: [{ model: 'Thing', rows: 'none', appears: false }],
  tables: ['things'],
};
const modelWide: WriteEffects = {
  ...effects,
  ownRow: false,
  models: [{ model: 'Thing', rows: 'any', appears: true }],
};
const creation: WriteEffects = {
  ...effects,
  ownRow: false,
  models: [{ model: 'Thing', rows: 'none', appears: true }],
};

/** Nobody else writes here. */
const nothingRecorded = {
  isInstalled: async () => false,
  take: async () => 0,
  now: async () => '',
  isDrainedUpTo: async () => true,
};

interface Cache {
  read(load: () => Promise<Row | null>): Promise<Row | null>;
  list(load: () => Promise<readonly Row[]>): Promise<readonly Row[]>;
  write(what: WriteEffects, run: () => Promise<void>): Promise<void>;
}

function cacheOf(manager: CacheManager): Cache {
  const model = manager.model('Thing', { entity: 60, query: 60 });
  if (model === null) throw new Error('The cache is off.');
  return {
    read: (load) => model.row(KEY, load) as Promise<Row | null>,
    list: (load) => model.query({ models: ['Thing'], operation: 'findMany', text: '{}' }, load),
    write: (what, run) =>
      model.write({ effects: what, ids: what.ownRow ? [KEY] : [], named: [], tags: null }, run, null),
  };
}

const cases: { tier: 'memory' | 'redis'; coherence: Coherence }[] = [
  { tier: 'memory', coherence: 'strict' },
  { tier: 'memory', coherence: 'off' },
  { tier: 'redis', coherence: 'strict' },
  { tier: 'redis', coherence: 'off' },
];

describe.each(cases)(
  'between the steps of a reader and a writer over $tier, near cache $coherence',
  (under) => {
    const { tier, coherence } = under;
    let managers: CacheManager[];
    let reader: Cache;
    let writer: Cache;
    let third: Cache;
    let row: Row;
    const load = async (): Promise<Row> => row;
    const current = (cache: Cache): Promise<string | undefined> =>
      cache.read(load).then((entity) => entity?.value);
    /** Reads until the entry has been filled, so that the next reader would get a hit. */
    const warm = async (...caches: Cache[]): Promise<void> => {
      for (const cache of caches.length === 0 ? [third] : caches) {
        let loads = 1;
        while (loads > 0) {
          loads = 0;
          await cache.read(async () => {
            loads += 1;
            return row;
          });
        }
      }
    };

    beforeEach(async () => {
      const { url, keyPrefix } = sharedRedis();
      const config = loadConfig({
        NODE_ENV: 'test',
        DATABASE_URL: 'postgresql://unused@127.0.0.1/unused',
        CACHE_PREFIX: keyPrefix,
        CACHE_COHERENCE: coherence,
        ...(tier === 'redis'
          ? { REDIS_URL: url, REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS) }
          : { ENABLE_LOCAL_CACHE: 'true' }),
      });
      const make = (): CacheManager =>
        new CacheManager({ config, logger: silentLogger, metadata, outbox: nothingRecorded });
      // Memory is one process by nature; over Redis each has a connection of its own.
      const one = make();
      managers = tier === 'redis' ? [one, make(), make()] : [one, one, one];
      await Promise.all(managers.map((manager) => manager.connect()));
      for (const manager of managers) expect(await servesInTime(manager)).toBe(true);
      [reader, writer, third] = managers.map(cacheOf) as [Cache, Cache, Cache];
      row = { value: 'old' };
    });

    afterEach(async () => {
      await Promise.all(managers.map((manager) => manager.disconnect()));
    });

    test('a load that read before a write, and is answered after its end, fills nothing', async () => {
      const slow = stoppedLoad(() => row);
      const reading = reader.read(slow.load);
      await slow.called;
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
      const reading = reader.read(slow.load);
      await slow.called;
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
      const reading = reader.read(slow.load);
      await slow.called;
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
      const first = reader.read(slow.load);
      await slow.called;
      let otherLoads = 0;
      const others = [writer, third].map((cache) =>
        cache.read(async () => {
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
      await expect(reader.read(() => Promise.reject(new Error('no database')))).rejects.toThrow(
        'no database',
      );
      expect(await current(third)).toBe('old');
    });

    describe('where the row is not there yet', () => {
      let found: Row | null;
      const find = async (): Promise<Row | null> => found;
      /** Reads until it is remembered that there is none. */
      const remember = async (cache: Cache): Promise<void> => {
        let loads = 1;
        while (loads > 0) {
          loads = 0;
          expect(
            await cache.read(async () => {
              loads += 1;
              return null;
            }),
          ).toBeNull();
        }
      };

      beforeEach(() => {
        found = null;
      });

      test('that there is none is remembered, and forgotten by all with its creation', async () => {
        for (const cache of [reader, writer, third]) await remember(cache);
        await writer.write(creation, async () => {
          found = { value: 'created' };
        });
        for (const cache of [reader, writer, third]) expect((await cache.read(find))?.value).toBe('created');
      });

      test('a load that finds none while it is being created is not remembered', async () => {
        await writer.write(creation, async () => {
          for (const cache of [reader, writer, third]) expect(await cache.read(find)).toBeNull();
          found = { value: 'created' };
        });
        for (const cache of [reader, writer, third]) expect((await cache.read(find))?.value).toBe('created');
      });

      test('a load that found none before a creation, and is answered after its end, is not remembered', async () => {
        const slow = stoppedLoad(() => null as unknown as Row);
        const reading = reader.read(slow.load);
        await slow.called;
        slow.query();
        await writer.write(creation, async () => {
          found = { value: 'created' };
        });
        slow.answer();
        await reading;
        for (const cache of [reader, third]) expect((await cache.read(find))?.value).toBe('created');
      });

      test('a creation that was rolled back leaves it remembered that there is none, or nothing', async () => {
        await remember(reader);
        const refused = Object.assign(new Error('unique'), { code: 'P2002' });
        await expect(writer.write(creation, () => Promise.reject(refused))).rejects.toBe(refused);
        await remember(reader);
      });
    });

    describe('a list', () => {
      const all = async (): Promise<readonly Row[]> => [row];
      const listed = async (cache: Cache): Promise<string | undefined> => (await cache.list(all))[0]?.value;

      test('is answered again from the cache, and by all anew after a write of its model', async () => {
        for (const cache of [reader, third]) expect(await listed(cache)).toBe('old');
        for (const what of [effects, modelWide, creation]) {
          const value = `after ${what.models[0]?.rows} ${what.ownRow}`;
          await writer.write(what, async () => {
            row = { value };
          });
          for (const cache of [reader, writer, third]) expect(await listed(cache)).toBe(value);
        }
      });

      test('that was read before a write, and is answered after its end, fills nothing', async () => {
        const slow = stoppedLoad(() => row);
        const reading = reader.list(async () => [await slow.load()]);
        await slow.called;
        slow.query();
        await writer.write(effects, async () => {
          row = { value: 'new' };
        });
        slow.answer();
        expect((await reading)[0]?.value).toBe('old');
        for (const cache of [reader, third]) expect(await listed(cache)).toBe('new');
      });

      test('is never older than a row that somebody has read, though the write has not ended', async () => {
        for (const cache of [reader, third]) expect(await listed(cache)).toBe('old');
        await warm(reader, third);
        await writer.write(effects, async () => {
          row = { value: 'new' };
          expect(await current(reader)).toBe('new');
          for (const cache of [reader, third]) expect(await listed(cache)).toBe('new');
        });
      });
    });
  },
);
