import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KeySpace } from '../../../src/cache/keys.js';
import { loadConfig, silentLogger } from '../../../src/config/index.js';
import { DomainRepositoryFactory } from '../../../src/domain/index.js';
import { someProject } from '../../support/domain.js';
import { eventually } from '../../support/eventually.js';
import { untilMemoryMayAnswer } from '../../support/near-memory.js';
import { COMMAND_PATIENCE_MS, servesInTime } from '../../support/patience.js';
import { type LocalRedisCluster, startRedisCluster, tellOwner } from '../../support/redis-cluster.js';
import { createDatabase, sharedRedis, type TestDatabase } from '../../support/servers.js';

const PROJECTS = { table: 'projects', schema: null };
const SERVING_MS = 20_000;
/** Each time that the registry moves, memory has to be filled anew. */
const MOVES_PER_REGISTRY_MOVE = 20;
const MOVES_FOR_MS = 4_000;
const ROUNDS = 10;

describe('two processes that share a Redis Cluster, with near caches', () => {
  let cluster: LocalRedisCluster;
  let database: TestDatabase;
  let prefix: string;
  let keys: KeySpace;
  let writer: DomainRepositoryFactory;
  let reader: DomainRepositoryFactory;

  const process = (): DomainRepositoryFactory =>
    new DomainRepositoryFactory({
      config: loadConfig({
        NODE_ENV: 'test',
        DATABASE_URL: database.url,
        REDIS_CLUSTER_URLS: cluster.urls.join(','),
        REDIS_COMMAND_TIMEOUT: String(COMMAND_PATIENCE_MS),
        CACHE_PREFIX: prefix,
        DB_POOL_MAX: '5',
      }),
      logger: silentLogger,
    });

  beforeAll(async () => {
    prefix = sharedRedis().keyPrefix;
    keys = new KeySpace(prefix);
    [cluster, database] = await Promise.all([startRedisCluster(), createDatabase()]);
    [writer, reader] = [process(), process()];
    await Promise.all([writer.initialize(), reader.initialize()]);
    for (const { cache } of [writer, reader]) expect(await servesInTime(cache)).toBe(true);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([writer.shutdown(), reader.shutdown()]);
    await cluster.stop();
    await database.drop();
  });

  const nearHits = (): number => reader.getCacheStatistics().nearHits;
  /** Those that any key of this fleet is in. */
  const slotsInUse = async (): Promise<readonly number[]> => {
    const found = await Promise.all(
      cluster.masters.map(async (node) => (await node.tell('KEYS', '*')) as readonly string[]),
    );
    return [...new Set(await Promise.all(found.flat().map((key) => cluster.slotOf(key))))];
  };
  /** Resolves when the reader's memory has answered a read. */
  const untilNear = (id: string) => {
    const before = nearHits();
    return eventually(
      async () => {
        await reader.getProjectRepository().findById(id);
        return nearHits();
      },
      (hits) => hits > before,
      SERVING_MS,
    );
  };

  test('read what was acknowledged to the other, from memory in between', async () => {
    const { id } = await someProject(writer);
    for (let round = 0; round < 20; round += 1) {
      await writer.getProjectRepository().update(id, { name: `round ${round}` });
      for (let read = 0; read < 2; read += 1)
        expect((await reader.getProjectRepository().findById(id))?.name).toBe(`round ${round}`);
      await untilMemoryMayAnswer(reader.cache);
      const before = nearHits();
      expect((await reader.getProjectRepository().findById(id))?.name).toBe(`round ${round}`);
      expect(nearHits()).toBeGreaterThan(before);
    }
  });

  test('do so while the slots of all that they use move, time and again', async () => {
    const { id, ownerId } = await someProject(writer);
    await reader.getProjectRepository().findById(id);
    await reader.getProjectRepository().findByUser(ownerId);
    const registry = await cluster.slotOf(keys.registry);
    const slots = (await slotsInUse()).filter((slot) => slot !== registry);
    expect(slots.length).toBeGreaterThan(4);
    const errors = reader.getCacheStatistics().errors;
    let moves = 0;
    let round = 0;
    let failed = false;
    const until = performance.now() + MOVES_FOR_MS;
    // For as long as this, and on a busy machine until enough of both has happened.
    const isGoingOn = (): boolean =>
      !failed && (performance.now() < until || moves <= MOVES_PER_REGISTRY_MOVE || round <= ROUNDS);
    const moveOn = async (): Promise<void> => {
      for (; isGoingOn(); moves += 1) {
        const to = cluster.masters[moves % cluster.masters.length];
        const slot = moves % MOVES_PER_REGISTRY_MOVE === 0 ? registry : slots[moves % slots.length];
        if (to !== undefined && slot !== undefined) await cluster.moveSlot(slot, to);
      }
    };
    const readOn = async (): Promise<void> => {
      for (; isGoingOn(); round += 1) {
        const name = `moved ${round}`;
        await writer.getProjectRepository().update(id, { name });
        expect((await reader.getProjectRepository().findById(id))?.name).toBe(name);
        const listed = await reader.getProjectRepository().findByUser(ownerId);
        expect(listed.items.map((project) => project.name)).toEqual([name]);
      }
    };
    const failing = (error: unknown): never => {
      failed = true;
      throw error;
    };
    await Promise.all([moveOn().catch(failing), readOn().catch(failing)]);
    // Slots that move are no outage.
    expect(reader.getCacheStatistics().errors - errors).toBe(0);
    await untilNear(id);
  }, 120_000);

  test('go on answering from memory when the registry has moved', async () => {
    const { id } = await someProject(writer);
    await untilNear(id);
    const slot = await cluster.slotOf(keys.registry);
    for (const to of cluster.masters) {
      await cluster.moveSlot(slot, to);
      const movedAt = performance.now();
      await writer.getProjectRepository().update(id, { name: 'after the move' });
      expect((await reader.getProjectRepository().findById(id))?.name).toBe('after the move');
      await untilNear(id);
      expect(performance.now() - movedAt).toBeLessThan(10_000);
    }
  }, 120_000);

  test('answer from the database while a server hangs, and from memory when it goes on', async () => {
    const { id } = await someProject(writer);
    await untilNear(id);
    expect(await tellOwner(cluster, keys.entity(PROJECTS, id), 'EXISTS', keys.entity(PROJECTS, id))).toBe(1);
    const hanging = await cluster.ownerOf(await cluster.slotOf(keys.entity(PROJECTS, id)));
    hanging.server.pause();
    try {
      await writer.getProjectRepository().update(id, { name: 'meanwhile' });
      expect((await reader.getProjectRepository().findById(id))?.name).toBe('meanwhile');
    } finally {
      hanging.server.resume();
    }
    expect((await reader.getProjectRepository().findById(id))?.name).toBe('meanwhile');
    await untilNear(id);
    expect((await reader.getProjectRepository().findById(id))?.name).toBe('meanwhile');
  }, 120_000);
});
