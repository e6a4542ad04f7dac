import { Interrupted, listenForInterruption } from '../support/interruption.js';
import { BenchUsageError, helpText, parseBenchArguments } from './arguments.js';
import { chosen } from './choose.js';
import { thisMachine } from './report/machine.js';
import { type BenchRow, meetsTarget } from './report/row.js';
import { tableOf, verdictOf } from './report/table.js';
import { factsLine, writeResults } from './report/write-results.js';
import type { Scenario } from './scenario.js';
import { apart, scenarios } from './scenarios/index.js';
import { World } from './world.js';

const NAMES = [...scenarios, ...apart].map(({ name }) => name);

/** Runs the command; gives its exit code: 0 when every target is met, 1 when one is not, 2 for a wrong option. */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = listenForInterruption();
  try {
    const options = parseBenchArguments(argv, NAMES);
    if (options.help) {
      process.stdout.write(helpText(NAMES));
      return 0;
    }
    const toRun = chosen(options, scenarios, apart);
    const world = await World.start({ rounds: options.rounds, out: options.out, log: progress });
    try {
      const { rows: all, failed } = await Promise.race([
        outcomeOf(toRun, world),
        aborted(interruption.signal),
      ]);
      const rows = options.only === null ? all : all.filter(({ id }) => id === options.only);
      if (rows.length === 0 && all.length > 0)
        throw new BenchUsageError(
          `No row has the id "${options.only}". There are ${all.map(({ id }) => id).join(', ')}.`,
        );
      if (rows.length > 0) await report(rows, world);
      if (failed.length > 0) process.stderr.write(`Not measured: ${failed.join(', ')}, as told above.\n`);
      return failed.length === 0 && rows.every(meetsTarget) ? 0 : 1;
    } finally {
      await world.stop();
    }
  } catch (error) {
    if (error instanceof Interrupted) {
      process.stderr.write(`${error.message} Everything that was started is stopped.\n`);
      return error.exitCode;
    }
    if (!(error instanceof BenchUsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  } finally {
    interruption.stopListening();
  }
}

/** What a run came to. */
interface Outcome {
  readonly rows: readonly BenchRow[];
  /** Names of the scenarios that could not be measured: the others are, all the same. */
  readonly failed: readonly string[];
}

async function outcomeOf(toRun: readonly Scenario[], world: World): Promise<Outcome> {
  const rows: BenchRow[] = [];
  const failed: string[] = [];
  for (const scenario of toRun) {
    progress(scenario.name);
    try {
      rows.push(...(await scenario.run(world)));
    } catch (error) {
      failed.push(scenario.name);
      process.stderr.write(`${scenario.name}: ${error instanceof Error ? error.stack : String(error)}\n`);
    } finally {
      await world.closeClients();
    }
  }
  return { rows, failed };
}

async function report(rows: readonly BenchRow[], world: World): Promise<void> {
  const facts = {
    date: new Date(),
    rounds: world.rounds,
    machine: thisMachine(),
    ...(await world.serverVersions()),
  };
  process.stdout.write(`\n${factsLine(facts)}\n\n${tableOf(rows)}\n\n${verdictOf(rows)}\n`);
  const files = await writeResults(world.out, rows, facts);
  process.stdout.write(`Written: ${files.join(', ')}\n`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** On standard error, so that the table alone can be kept. */
function progress(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`);
}
