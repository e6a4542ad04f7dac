import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CacheManager, type ModelCache } from '../../../src/cache/index.js';
import { type Coherence, loadConfig, silentLogger } from '../../../src/config/index.js';
import type { OutboxChange } from '../../../src/database/index.js';
import { eventually } from '../../support/eventually.js';
import { CountedLoad, plainModel, schemaOf, updateOf } from '../../support/memory-cache.js';
import { untilMemoryMayAnswer } from '../../support/near-memory.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { sharedRedis } from '../../support/servers.js';

/*
 * Queries that hang on tags, of processes that share a cache: that they keep the protocol, as all other queries do. What the
 * database holds is a variable, so that the order of events is exactly the one written here.
 */

const RULE = ['team:{teamId}'];
const TTL = { entity: 60, query: 60 };

/** What other writers have changed and nobody has been told of. */
class Changes {
  #changes: OutboxChange[] = [];

  record(change: OutboxChange): void {
    this.#changes.push(change);
  }

  readonly isInstalled = async () => true;
  readonly now = async () => '';
  readonly isDrainedUpTo = async () => this.#changes.length === 0;
  readonly take = async (deliver: (changes: readonly OutboxChange[]) => Promise<void>) => {
    const taken = this.#changes;
    if (taken.length === 0) return 0;
    await deliver(taken);
    this.#changes = this.#changes.slice(taken.length);
    return taken.length;
  };
}

/** One process: its cache of a model, and what it loads. */
class Process {
  readonly manager: CacheManager;
  readonly tasks: ModelCache;
  readonly load: CountedLoad<string>;

  constructor(manager: CacheManager, rule = RULE) {
    const tasks = manager.model('Task', TTL, rule);
    if (tasks === null) throw new Error('The cache is off.');
    this.manager = manager;
    this.tasks = tasks;
    this.load = new CountedLoad('');
  }

  /** The tasks within a tag, or of any. */
  async list(within: string | null, load = this.load.run): Promise<string> {
    return this.tasks.query({ models: ['Task'], operation: 'findMany', text: '{}', within }, load);
  }

  write(tags: readonly string[] | null, run: () => Promise<void>): Promise<void> {
    const effects = updateOf('Task');
    return this.tasks.write({ effects, ids: ['1'], named: [], tags }, run, null);
  }
}

const cases: { tier: 'memory' | 'redis'; coherence: Coherence }[] = [
  { tier: 'memory', coherence: 'strict' },
  { tier: 'redis', coherence: 'strict' },
  { tier: 'redis', coherence: 'off' },
];

describe.each(cases)('a query within a tag, over $tier, near cache $coherence', ({ tier, coherence }) => {
  let managers: CacheManager[];
  let changes: Changes;
  let reader: Process;
  let writer: Process;
  let database: Map<string | null, string>;

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
    changes = new Changes();
    const metadata = schemaOf(plainModel('Task'));
    const make = () => new CacheManager({ config, logger: silentLogger, metadata, outbox: changes });
    const one = make();
    managers = tier === 'redis' ? [one, make()] : [one, one];
    await Promise.all(managers.map((manager) => manager.connect()));
    for (const manager of managers) expect(await servesInTime(manager)).toBe(true);
    [reader, writer] = managers.map((manager) => new Process(manager)) as [Process, Process];
    database = new Map();
    set('old');
  });

  afterEach(async () => {
    await Promise.all(managers.map((manager) => manager.disconnect()));
  });

  /** What the database holds now, for every tag. */
  function set(value: string): void {
    for (const within of ['team:1', 'team:2', null]) database.set(within, value);
  }
  const read = async (process: Process, within: string | null): Promise<string> => {
    process.load.value = database.get(within) ?? '';
    return process.list(within);
  };
  /** Reads until the answer comes from a cache. */
  const warm = async (process: Process, within: string | null): Promise<void> => {
    await eventually(
      () => process.load.during(() => read(process, within)),
      (loads) => loads === 0,
    );
  };
  const warmAll = async (): Promise<void> => {
    for (const process of [reader, writer])
      for (const within of ['team:1', 'team:2', null]) await warm(process, within);
  };
  /** Which of the queries are answered from a cache, in both processes alike. */
  const kept = async (): Promise<(string | null)[]> => {
    const names: (string | null)[] = [];
    for (const within of ['team:1', 'team:2', null]) {
      const loads = [reader, writer].map((process) => process.load.during(() => process.list(within)));
      if ((await Promise.all(loads)).every((count) => count === 0)) names.push(within);
    }
    return names;
  };

  test('stays a hit during and after a write of another tag, for all processes', async () => {
    await warmAll();
    await writer.write(['team:2'], async () => {
      expect(await kept()).toEqual(['team:1']);
    });
    expect(await kept()).toContain('team:1');
  });

  test('stays in memory, where there is a near cache, during and after a write of another tag', async () => {
    const { nearHits } = reader.tasks.getStatistics();
    await eventually(
      async () => {
        await reader.list('team:1');
        return reader.tasks.getStatistics().nearHits - nearHits > 0;
      },
      (isNear) => isNear === (coherence === 'strict'),
    );
    const isAnsweredFromMemory = async (): Promise<boolean> => {
      if (coherence === 'strict' && tier === 'redis') await untilMemoryMayAnswer(reader.manager);
      const before = reader.tasks.getStatistics().nearHits;
      await reader.list('team:1');
      return reader.tasks.getStatistics().nearHits > before;
    };
    let during: boolean | undefined;
    await writer.write(['team:2'], async () => {
      during = await isAnsweredFromMemory();
    });
    expect([during, await isAnsweredFromMemory()]).toEqual(
      coherence === 'strict' ? [true, true] : [false, false],
    );
  });

  test('is read from the database while its tag is being written, and is not kept then', async () => {
    await warmAll();
    await writer.write(['team:1'], async () => {
      for (let count = 0; count < 3; count += 1) {
        expect(await reader.load.during(() => read(reader, 'team:1'))).toBe(1);
        expect(await reader.load.during(() => read(reader, null))).toBe(1);
      }
      set('new');
      expect(await read(reader, 'team:1')).toBe('new');
      expect(await read(writer, 'team:1')).toBe('new');
    });
    for (const process of [reader, writer]) expect(await read(process, 'team:1')).toBe('new');
    for (const process of [reader, writer]) expect(await read(process, null)).toBe('new');
  });

  test('that was loaded before a write of its tag, and is answered after it, is not kept', async () => {
    let end: ((value: string) => void) | undefined;
    const called = new Promise<void>((onCalled) => {
      const slow = () => {
        onCalled();
        return new Promise<string>((resolve) => {
          end = resolve;
        });
      };
      reader.list('team:1', slow).catch(() => undefined);
    });
    await called;
    await writer.write(['team:1'], async () => set('new'));
    end?.('old');
    for (const process of [reader, writer]) expect(await read(process, 'team:1')).toBe('new');
    await warm(reader, 'team:1');
    expect(await reader.list('team:1')).toBe('new');
  });

  test('that was loaded before a write of another tag, and is answered after it, is kept', async () => {
    let end: (() => void) | undefined;
    let reading: Promise<string> | undefined;
    await new Promise<void>((onCalled) => {
      const slow = () => {
        onCalled();
        return new Promise<string>((resolve) => {
          end = () => resolve('old');
        });
      };
      reading = reader.list('team:1', slow);
    });
    await writer.write(['team:2'], async () => undefined);
    end?.();
    expect(await reading).toBe('old');
    await eventually(
      () => writer.load.during(() => writer.list('team:1')),
      (loads) => loads === 0,
    );
    expect(writer.load.count).toBe(0);
  });

  test('is loaded once for all processes', async () => {
    const processes = [reader, writer, reader, writer];
    await Promise.all(processes.map((process) => read(process, 'team:1')));
    await Promise.all(processes.map((process) => read(process, 'team:1')));
    expect(reader.load.count + (reader === writer ? 0 : writer.load.count)).toBe(1);
  });

  test.each<[what: string, write: () => Promise<unknown>]>([
    ['a write of which the tags are not known', () => writer.write(null, async () => set('new'))],
    [
      'a write by a process that knows tags by another rule',
      () => new Process(writer.manager, ['user:{userId}']).write(['user:1'], async () => set('new')),
    ],
    [
      'an invalidation of its model',
      async () => {
        set('new');
        expect(await writer.tasks.invalidateAll()).toBe(true);
      },
    ],
    [
      'an invalidation of everything',
      async () => {
        set('new');
        expect(await writer.manager.clear()).toBe(true);
      },
    ],
  ])('is invalidated, as all others, by %s', async (_what, write) => {
    await warmAll();
    await write();
    for (const process of [reader, writer])
      for (const within of ['team:1', 'team:2', null]) expect(await read(process, within)).toBe('new');
  });

  test('is read from the database while one writes who knows tags by another rule, and only then', async () => {
    await warmAll();
    const other = new Process(writer.manager, ['user:{userId}']);
    await other.write(['user:1'], async () => {
      expect(await kept()).toEqual([]);
    });
    await warmAll();
    await other
      .write(['user:1'], () => Promise.reject(Object.assign(new Error('unique'), { code: 'P2002' })))
      .catch(() => undefined);
    await warmAll();
  });

  test('is invalidated by its tag in all processes before that is confirmed, and others are not', async () => {
    await warmAll();
    set('new');
    expect(await writer.manager.invalidateTags(['team:1'])).toBe(true);
    for (const process of [reader, writer]) expect(await read(process, 'team:1')).toBe('new');
    for (const process of [reader, writer]) expect(await read(process, 'team:2')).toBe('old');
  });

  if (tier === 'redis') {
    test('is invalidated, as all others, by what the triggers recorded', async () => {
      await warmAll();
      set('new');
      changes.record({ schema: 'public', table: 'tasks', ids: ['1'] });
      for (const process of [reader, writer]) {
        for (const within of ['team:1', 'team:2', null]) {
          await eventually(
            () => read(process, within),
            (value) => value === 'new',
          );
        }
      }
    });
  }

  describe('and a computed value', () => {
    const options = { tags: ['boards'], models: ['Task'], ttlSeconds: 60 };
    const compute = async (process: Process): Promise<string> => {
      process.load.value = database.get(null) ?? '';
      return process.manager.getOrLoad('dashboard', process.load.run, options);
    };
    const warmValue = async (): Promise<void> => {
      for (const process of [reader, writer]) {
        await eventually(
          () => process.load.during(() => compute(process)),
          (loads) => loads === 0,
        );
      }
    };

    test('is computed once for all processes, and is never older than an invalidation that was confirmed', async () => {
      await Promise.all([reader, writer, reader].map(compute));
      expect(reader.load.count + (reader === writer ? 0 : writer.load.count)).toBe(1);
      const invalidations = [
        () => writer.manager.delete('dashboard'),
        () => writer.manager.invalidateTags(['boards']),
        () => writer.write(['team:1'], async () => undefined),
        () => writer.write(null, async () => undefined),
      ];
      for (const [index, invalidate] of invalidations.entries()) {
        await warmValue();
        set(`value ${index}`);
        await invalidate();
        for (const process of [reader, writer]) expect(await compute(process)).toBe(`value ${index}`);
      }
    });

    test('is not kept while a model that it is computed from is being written', async () => {
      await warmValue();
      await writer.write(['team:2'], async () => {
        expect(await reader.load.during(() => compute(reader))).toBe(1);
        expect(await reader.load.during(() => compute(reader))).toBe(1);
      });
    });
  });
});
