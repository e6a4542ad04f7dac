import type { Answers } from './adapters/adapter.js';
import type { CheckArguments } from './arguments.js';
import { conductLoad } from './conduct.js';
import { Fleet } from './fleet/fleet.js';
import type { FaultWindow, Stall } from './history.js';
import { type JudgedFailures, judgeFailures } from './judge/failures.js';
import { judge, type Verdict } from './judge/judge.js';
import { Ledger } from './ledger.js';
import { awaitQuiet, QUIET_BUDGET_MS, type Quiescence } from './quiescence.js';
import { type CheckServers, startServers } from './servers.js';
import { RAW_ELSEWHERE, RAW_ON_POOL } from './worker/writes/raw-sql.js';
import { World } from './world.js';

/** What a check found. */
export interface CheckResult {
  readonly world: World;
  readonly verdict: Verdict;
  readonly quiescence: Quiescence;
  readonly failures: JudgedFailures;
  readonly faults: readonly FaultWindow[];
  readonly answers: Answers;
  readonly stalls: readonly Stall[];
  /** How many writes ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Processes that did not end their operations, or ended by themselves. */
  readonly hung: number;
  readonly crashed: number;
  /** Kinds of writes that were left out, since nothing tells the cache of them. */
  readonly leftOut: readonly string[];
}

/** What may be watched, and ended, while it goes on. */
export interface CheckEvents {
  readonly onFault: (fault: FaultWindow) => void;
  readonly signal: AbortSignal;
}

/** Runs the check on servers of its own, and leaves nothing behind. */
export async function runCheck(options: CheckArguments, events: CheckEvents): Promise<CheckResult> {
  // One hop more on the way to Redis costs time, so only where one is to be cut off.
  const servers = await startServers(
    options.faults.includes('partition') ? options.processes : 0,
    options.cluster,
  );
  try {
    const world = new World(options.keys);
    const ledger = new Ledger(servers.postgres.url, world);
    const leftOut = leftOutOf(options, await ledger.plant());
    const fleet = fleetOf(options, servers, leftOut);
    try {
      await fleet.start();
      const faults = await conductLoad(fleet, servers, options, events);
      return { leftOut, ...(await judgeAll({ options, world, ledger, fleet, faults })) };
    } finally {
      await fleet.end();
    }
  } finally {
    await servers.stop();
  }
}

function fleetOf(options: CheckArguments, servers: CheckServers, leftOut: readonly string[]): Fleet {
  const { adapter, coherence, keys, readers, writers, pauseMs, rate, seed } = options;
  const { postgres, redis, cluster, proxies } = servers;
  return new Fleet(options.processes, (process, incarnation) => {
    const proxy = proxies[process];
    const redisUrl = proxy === undefined ? redis.url : `redis://127.0.0.1:${proxy.port}`;
    const at = { databaseUrl: postgres.url, redisUrl, clusterUrls: cluster?.urls ?? null, prefix: 'check' };
    return {
      type: 'task',
      process,
      incarnation,
      adapter: { name: adapter, servers: at, coherence },
      readsPerWrite: readsPerWriteOf(options),
      ...{ keys, readers, writers, pauseMs, rate, leftOut, seed },
    };
  });
}

/** Each write takes something from the near caches of all processes, and each of them must have read it again. */
function readsPerWriteOf({ adapter, coherence, processes, readers, faults }: CheckArguments): number {
  if (adapter !== 'holdfast' || coherence === 'off' || readers === 0) return 0;
  // Among faults it is the writes that matter, and not how much is cached.
  return processes * (faults.length === 0 ? READS_PER_WRITE : READS_PER_WRITE / 4);
}

const READS_PER_WRITE = 60;

/** Raw SQL is left out where nothing tells a cache of it: every read of it would be stale. */
function leftOutOf(
  { adapter }: CheckArguments,
  { tellsOfOthers }: { readonly tellsOfOthers: boolean },
): readonly string[] {
  if (adapter === 'none') return [];
  // Plain cache-aside deletes by itself what it writes on its own pool.
  if (adapter === 'naive') return [RAW_ELSEWHERE];
  return tellsOfOthers ? [] : [RAW_ON_POOL, RAW_ELSEWHERE];
}

async function judgeAll(run: {
  readonly options: CheckArguments;
  readonly world: World;
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  readonly faults: readonly FaultWindow[];
}): Promise<Omit<CheckResult, 'leftOut'>> {
  const { options, world, ledger, fleet, faults } = run;
  const crashed = fleet.crashed;
  // Plain cache-aside has no promise to keep, and would keep the check waiting.
  const budgetMs = options.adapter === 'naive' ? 0 : QUIET_BUDGET_MS;
  const quiescence = await awaitQuiet(world, fleet, ledger, budgetMs);
  const { before, since } = await ledger.read();
  const { accounts, hung } = fleet;
  const writes = accounts.flatMap((account) => account.writes);
  const coherence = options.coherence ?? 'strict';
  const reads = accounts.map((account) => account.reads);
  const stalls = accounts.flatMap((account) => account.stalls);
  const verdict = judge(
    { world, coherence, before, ledger: since, writes, reads, faults, stalls },
    // Only holdfast has a relay that may take its time.
    options.adapter === 'holdfast' ? {} : { relayBoundMs: 0 },
  );
  const outcomes: Record<string, number> = {};
  for (const { outcome } of writes) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const failures = judgeFailures(
    accounts.flatMap((account) => account.failures),
    faults,
  );
  const answers = fleet.answers;
  return {
    world,
    verdict,
    quiescence,
    failures,
    faults,
    stalls,
    answers,
    outcomes,
    hung,
    crashed,
  };
}
