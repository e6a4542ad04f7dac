import type { DomainRepositoryFactory } from '../library.js';
import { callers, interleaved, type Operation, settle } from '../measure/index.js';
import type { Scenario } from '../scenario.js';
import type { World } from '../world.js';
import { comparison } from './comparison.js';
import { scatteredIds } from './users.js';
import { warmUsers } from './warm.js';

const AT_ONCE = 100;
/** So many that what is cached and what comes to it fits into the near cache. */
const CALLS = 90;
/** A round is so many passes over them. */
const PASSES = 5;
const CALLERS = 1;
const USERS = AT_ONCE * CALLS;

/**
 * `findByIds` of a hundred users of whom every other one is cached, one call after the other. A factory with its default
 * settings: half comes from memory, the other half is asked of Redis, leased, loaded and filled. Before each pass
 * everything is invalidated and the half read again, outside of what is timed. The peer reads the same hundred in one
 * statement; it gives them in no order.
 */
export const findByIds: Scenario = {
  name: 'find-by-ids',
  category: 'queries',
  async run(world) {
    await world.seedUsers(USERS);
    const ids = scatteredIds(USERS);
    const sets = Array.from({ length: CALLS }, (_, n) => ids.slice(n * AT_ONCE, (n + 1) * AT_ONCE));
    const half = ids.filter((_, n) => n % 2 === 0);
    // What the staleness sampler looks at, one hit in 10,000, would count among the statements.
    const factory = await world.factory({ environment: { CACHE_STALENESS_SAMPLING: '0' } });
    const users = factory.getUserRepository();
    const prisma = await world.barePrisma();

    const halfWarm = async (): Promise<void> => {
      await world.emptyCache(factory);
      await warmUsers(factory, half);
    };
    const setAt = (n: number): readonly string[] => sets[n % CALLS] ?? [];
    const oursRight = async (n: number): Promise<boolean> => {
      const rows = await users.findByIds(setAt(n));
      return setAt(n).every((id, place) => rows[place]?.id === id);
    };
    const peerRight = async (n: number): Promise<boolean> => {
      const rows = await prisma.user.findMany({ where: { id: { in: [...setAt(n)] } } });
      return rows.length === AT_ONCE;
    };
    const rounds = await interleaved(world.rounds, {
      ours: () => rate(oursRight, halfWarm),
      peer: () => rate(peerRight, async () => undefined),
    });

    const cost = await costPerCall(world, factory, sets, halfWarm);
    world.log(
      `find-by-ids, per call: ${cost.reads} reads of Redis, ${cost.trips} round trips with the fills, ${cost.statements} statements`,
    );
    return [
      comparison(
        {
          id: 'find-by-ids',
          path: `findByIds of ${AT_ONCE}, half cached, ${CALLERS} caller`,
          peer: 'Prisma findMany, id in',
          unit: 'ops/s',
          target: { atLeast: 3 },
          judged: 'ratio',
          checks: [
            { what: '1 Redis round trip, but for the fill', holds: cost.reads === 1 && cost.trips <= 2 },
            { what: '1 SQL statement', holds: cost.statements === 1 },
            { what: 'half cached', holds: cost.nearHits === AT_ONCE / 2 },
          ],
        },
        rounds,
      ),
    ];
  },
};

/** Calls per second of all passes together, but for one to warm up; what prepares each of them does not count. */
async function rate(call: Operation, prepare: () => Promise<void>): Promise<number> {
  let spentMs = 0;
  for (let pass = -1; pass < PASSES; pass += 1) {
    await prepare();
    const { elapsedMs, errors } = await callers(CALLERS, { operations: CALLS }, call);
    if (errors > 0) throw new Error(`${errors} of ${CALLS} calls failed, or got a wrong answer.`);
    if (pass >= 0) spentMs += elapsedMs;
  }
  return ((CALLS * PASSES) / spentMs) * 1_000;
}

/** What one call asks of the servers, as the library counts it and as PostgreSQL logs it. */
async function costPerCall(
  world: World,
  factory: DomainRepositoryFactory,
  sets: readonly (readonly string[])[],
  prepare: () => Promise<void>,
): Promise<Readonly<Record<'reads' | 'trips' | 'statements' | 'nearHits', number>>> {
  await prepare();
  // Its last fill may be under way.
  await settle();
  const counts = () => {
    const { roundTrips, nearHits, latencies } = factory.getCacheStatistics();
    return { roundTrips, nearHits, reads: latencies.sharedReads?.count ?? 0 };
  };
  // The first call may find out that few of those that Redis is asked for are there: see PlainReads.
  const [first = [], ...others] = sets;
  await factory.getUserRepository().findByIds(first);
  await settle();
  const before = counts();
  const statements = await world.statementsDuring(async () => {
    for (const set of others) await factory.getUserRepository().findByIds(set);
    // The fill of the last call may be under way: nobody waits for it.
    await settle();
  });
  const after = counts();
  const loads = statements.filter(({ sql }) => sql.includes('"public"."users"'));
  return {
    reads: (after.reads - before.reads) / others.length,
    trips: (after.roundTrips - before.roundTrips) / others.length,
    statements: loads.length / others.length,
    nearHits: (after.nearHits - before.nearHits) / others.length,
  };
}
