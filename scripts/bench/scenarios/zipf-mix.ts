import type { LatencyHistogram } from '../../../src/database/statistics/latency-histogram.js';
import { formatCount } from '../../support/format.js';
import { callers, type Extent, median, settle } from '../measure/index.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { MIX, ZipfMix } from '../workers/zipf-mix.js';
import { userId, type World } from '../world.js';

const CALLERS = 500;
const SECONDS = 4;
const WARM_UP_REQUESTS = 100_000;

/** What one side does for a request. */
interface Side {
  read(id: string): Promise<{ readonly id: string } | null>;
  update(id: string, name: string): Promise<{ readonly id: string; readonly name: string | null }>;
}

interface Round {
  readonly opsPerSecond: number;
  readonly p95Ms: number;
  readonly errors: number;
}

/**
 * A service under load: 500 callers who each ask again as soon as they have their answer, rows by Zipf's law, one request of
 * twenty an update. Both sides get the same sequence of requests, on pools of the same size, in one process by turns, after
 * the same 100,000 requests to warm up; the near cache, of its default 10,000 entries, holds a tenth of the rows. An answer
 * about another row counts as an error.
 */
export const zipfMix: Scenario = {
  name: 'zipf-mix',
  category: 'mixed',
  run: async (world) => {
    await world.seedUsers(MIX.rows);
    const factory = await world.factory();
    const users = factory.getUserRepository();
    const { user } = await world.barePrisma();
    const ours: Side = {
      read: (id) => users.findById(id),
      update: (id, name) => users.update(id, { name }),
    };
    const peer: Side = {
      read: (id) => user.findUnique({ where: { id } }),
      update: (id, name) => user.update({ where: { id }, data: { name } }),
    };
    await round(ours, 0, { operations: WARM_UP_REQUESTS });
    await round(peer, 0, { operations: WARM_UP_REQUESTS });
    const rounds: { readonly ours: Round[]; readonly peer: Round[] } = { ours: [], peer: [] };
    for (let n = 1; n <= world.rounds; n += 1) {
      for (const side of n % 2 === 0 ? (['peer', 'ours'] as const) : (['ours', 'peer'] as const)) {
        await settle();
        const result = await round(side === 'ours' ? ours : peer, n, { seconds: SECONDS });
        rounds[side].push(result);
        tell(world, side, result);
      }
    }
    const { nearHits, hits, misses, bypasses } = factory.getCacheStatistics();
    const counts = {
      'from memory': nearHits,
      'from Redis': hits,
      missed: misses,
      'past the cache': bypasses,
    };
    const texts = Object.entries(counts).map(([what, count]) => `${formatCount(count)} ${what}`);
    world.log(`our reads: ${texts.join(', ')}`);
    return rowsOf(rounds);
  },
};

/** @param seed of the requests: the same for both sides */
async function round(side: Side, seed: number, extent: Extent): Promise<Round> {
  const mix = new ZipfMix(seed);
  const { opsPerSecond, errors, latencies } = await callers(
    CALLERS,
    extent,
    async (n) => {
      const { isUpdate, index } = mix.next();
      const id = userId(index);
      if (!isUpdate) return (await side.read(id))?.id === id;
      const name = `request ${n}`;
      const row = await side.update(id, name);
      return row.id === id && row.name === name;
    },
    true,
  );
  return { opsPerSecond, errors, p95Ms: p95Of(latencies) };
}

function p95Of(latencies: LatencyHistogram | null): number {
  return latencies?.snapshot().p95Ms ?? Number.NaN;
}

function tell(world: World, side: string, { opsPerSecond, p95Ms, errors }: Round): void {
  world.log(`${side}: ${opsPerSecond.toFixed(0)} requests/s, p95 ${p95Ms.toFixed(1)} ms, ${errors} errors`);
}

function rowsOf(rounds: { readonly ours: readonly Round[]; readonly peer: readonly Round[] }): BenchRow[] {
  const row = (
    id: string,
    what: string,
    figure: keyof Round,
    rest: Pick<BenchRow, 'unit' | 'target' | 'judged'>,
  ): BenchRow => {
    const [ours, peer] = [rounds.ours, rounds.peer].map((all) => all.map((one) => one[figure])) as [
      number[],
      number[],
    ];
    return {
      id,
      path: `500 callers, Zipf 0.99 over 100,000 rows, 95 % reads: ${what}`,
      peer: 'Prisma `findUnique`, `update`',
      // Errors are not to vanish in a median.
      ours: figure === 'errors' ? sum(ours) : median(ours),
      peerFigure: figure === 'errors' ? sum(peer) : median(peer),
      rounds: { ours, peer },
      ...rest,
    };
  };
  return [
    row('zipf-mix-throughput', 'throughput', 'opsPerSecond', {
      unit: 'ops/s',
      target: { atLeast: 6 },
      judged: 'ratio',
    }),
    row('zipf-mix-p95', 'p95', 'p95Ms', { unit: 'ms', target: { atMost: 0.25 }, judged: 'ratio' }),
    row('zipf-mix-errors', 'errors', 'errors', { unit: 'errors', target: { atMost: 0 }, judged: 'ours' }),
  ];
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
