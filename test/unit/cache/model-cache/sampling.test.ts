import { beforeEach, describe, expect, test } from '@jest/globals';
import { entryCodec } from '../../../../src/cache/entry-codec.js';
import { ModelCache } from '../../../../src/cache/model-cache.js';
import { MostRead } from '../../../../src/cache/sampling/most-read.js';
import { ReadSampling } from '../../../../src/cache/sampling/read-sampling.js';
import { type StaleEntry, StalenessSampler } from '../../../../src/cache/sampling/staleness-sampler.js';
import { Meter } from '../../../../src/cache/statistics/meters.js';
import { silentLogger } from '../../../../src/config/index.js';
import { ManualClock, settled } from '../../../support/manual-clock.js';
import { CountedLoad, memoryCacheParts, plainModel, schemaOf } from '../../../support/memory-cache.js';

const GRACE_MS = 500;

describe('the hits of a model that are drawn', () => {
  let clock: ManualClock;
  let sampling: ReadSampling;
  let tasks: ModelCache;
  let found: StaleEntry[];
  let warnings: object[];

  beforeEach(() => {
    clock = new ManualClock();
    found = [];
    warnings = [];
    const logger = { ...silentLogger, warn: (context: object | string) => warnings.push(Object(context)) };
    const staleness = new StalenessSampler(
      { share: 1, onStale: (entry) => found.push(entry) },
      { codec: entryCodec(0), clock, logger },
    );
    sampling = new ReadSampling(new MostRead(clock), staleness);
    const { models } = memoryCacheParts(schemaOf(plainModel('Task')));
    const read = { ...models.read, sampling, clock };
    const ttlSeconds = { entity: 60, query: 60 };
    tasks = new ModelCache({ ...models, read, sampling }, 'Task', { ttlSeconds }, new Meter(clock));
  });

  const statistics = () => sampling.staleness.getStatistics();
  const list = (load: () => Promise<unknown>) =>
    tasks.query({ models: ['Task'], operation: 'findMany', text: '{}' }, load);

  test('are rows, by their canonical ids, and not queries', async () => {
    const row = new CountedLoad({ id: 'a,b:}' });
    for (let count = 0; count < 4; count += 1) {
      await tasks.row('a,b:}', row.run);
      await list(async () => []);
      await settled();
    }
    expect(sampling.mostRead.most(9)).toEqual([{ model: 'Task', name: 'a,b:}', reads: 3, error: 0 }]);
  });

  test('are not pointers of unique values, which are read with their row', async () => {
    const row = { id: '1', email: 'a@b' };
    const read = () =>
      tasks.rowByUnique<typeof row>('email', 'a@b', {
        idOf: ({ id }) => id,
        valueIn: ({ email }) => email,
        load: async () => ({ ...row }),
        byId: (id) => tasks.row(id, async () => ({ ...row })) as Promise<typeof row>,
      });
    for (let count = 0; count < 3; count += 1) {
      await read();
      await clock.advance(100);
    }
    expect(statistics()).toMatchObject({ sampled: 1, consistent: 1 });
  });

  test('are compared as lists, whatever order their rows come in', async () => {
    const rows = new CountedLoad<readonly object[]>([{ id: 1 }, { id: 2 }]);
    await list(rows.run);
    await settled();
    rows.value = [{ id: 2 }, { id: 1 }];
    await list(rows.run);
    await settled();
    expect(statistics()).toMatchObject({ sampled: 1, consistent: 1 });
  });

  test('are logged once where a list is stale, without what it says', async () => {
    const rows = new CountedLoad<readonly object[]>([{ id: 1, secret: 'old' }]);
    for (let round = 0; round < 2; round += 1) {
      await list(rows.run);
      await settled();
      rows.value = [{ id: 1, secret: `new ${round}` }];
      await list(rows.run);
      await clock.advance(GRACE_MS);
    }
    expect(statistics()).toMatchObject({ stale: 2 });
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ model: 'Task', kind: 'query' });
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });
});
