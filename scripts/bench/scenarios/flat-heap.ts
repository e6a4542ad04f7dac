import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { formatCount } from '../../support/format.js';
import { startRedis } from '../../support/local-redis.js';
import type { BenchRow } from '../report/row.js';
import type { Scenario } from '../scenario.js';
import { probedBy } from '../workers/probed.js';
import type { World } from '../world.js';

const PROBE = fileURLToPath(new URL('../workers/heap-probe.mjs', import.meta.url));
const NEAR_ENTRIES = 10_000;
const TIMEOUT_MS = 900_000;

/** How many entities are read, and after how many each time the heap is measured. */
export interface HeapExtent {
  readonly entities: number;
  readonly part: number;
}

interface Standing {
  readonly read: number;
  readonly heapUsedBytes: number;
  readonly rssBytes: number;
  readonly nearEntries: number;
  /** Rows that came from PostgreSQL so far. */
  readonly loads: number;
}

/**
 * Whether reading without end makes a process grow: a fresh process reads a million entities once each, through a near cache
 * that holds a hundredth of them, and collects its garbage before each look at its heap. What is compared is its heap at the
 * end with its own after the first tenth, when the near cache has long been full. One run: it is no matter of speed. Redis,
 * which keeps all million for a while, is one of its own.
 */
export function flatHeapOf({ entities, part }: HeapExtent): Scenario {
  return {
    name: 'flat-heap',
    category: 'cache',
    run: async (world) => {
      await world.seedUsers(entities, false);
      const redis = await startRedis();
      try {
        return [rowOf(await probe(world, redis.url, { entities, part }), { entities, part })];
      } finally {
        await redis.stop();
      }
    },
  };
}

export const flatHeap = flatHeapOf({ entities: 1_000_000, part: 100_000 });

/** @throws Error when the process fails; what it says on standard error is shown as it comes */
async function probe(
  world: World,
  redisUrl: string,
  { entities, part }: HeapExtent,
): Promise<readonly Standing[]> {
  const environment = world.factoryEnvironment({
    environment: { REDIS_URL: redisUrl, CACHE_NEAR_MAX_ENTRIES: String(NEAR_ENTRIES) },
  });
  const child = spawn(process.execPath, ['--expose-gc', PROBE, String(entities), String(part)], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  const standings: Standing[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const standing = probedBy<Standing>(line);
    if (standing === null) return;
    standings.push(standing);
    const { read, heapUsedBytes, rssBytes, nearEntries } = standing;
    world.log(
      `after ${formatCount(read)}: heap ${megabytes(heapUsedBytes)}, RSS ${megabytes(rssBytes)}, ` +
        `${formatCount(nearEntries)} entries in the near cache`,
    );
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw new Error(`The process that reads all entities ended with ${signal ?? `code ${code}`}.`);
  return standings;
}

function rowOf(standings: readonly Standing[], { entities, part }: HeapExtent): BenchRow {
  const first = standings.at(0);
  const last = standings.at(-1);
  const ours = (last?.heapUsedBytes ?? Number.NaN) / 1e6;
  const peer = (first?.heapUsedBytes ?? Number.NaN) / 1e6;
  return {
    id: 'flat-heap',
    path: `heap after ${formatCount(entities)} entities read once, near cache of ${formatCount(NEAR_ENTRIES)}`,
    peer: `itself after the first ${formatCount(part)}`,
    unit: 'MB',
    ours,
    peerFigure: peer,
    target: { atMost: 1.1 },
    judged: 'ratio',
    rounds: { ours: standings.map(({ heapUsedBytes }) => heapUsedBytes / 1e6), peer: [peer] },
    checks: [
      { what: 'every entity was loaded once', holds: (last?.loads ?? 0) >= entities },
      {
        what: 'the near cache held entries each time, and no more than it may',
        holds: standings.every(({ nearEntries }) => nearEntries > 0 && nearEntries <= NEAR_ENTRIES),
      },
    ],
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
