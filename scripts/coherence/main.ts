import { Interrupted, listenForInterruption } from '../support/interruption.js';
import { CheckUsageError, helpText, parseCheckArguments } from './arguments.js';
import { faultLine } from './describe.js';
import { reportOf } from './report.js';
import { runCheck } from './run-check.js';

/** Runs the command; gives its exit code: 0 when nothing was found, 1 when something was, 2 for a wrong option. */
export async function main(argv: readonly string[]): Promise<number> {
  const interruption = listenForInterruption();
  try {
    const options = parseCheckArguments(argv);
    if (options.help) {
      process.stdout.write(helpText);
      return 0;
    }
    const { adapter, processes, keys, seconds, seed, faults, cluster } = options;
    const withFaults = faults.length === 0 ? '' : `, faults ${faults.join(',')}`;
    process.stdout.write(
      `${adapter}${cluster ? ' on a Redis Cluster' : ''}: ${processes} processes, ${keys} rows, ${seconds} s, seed ${seed}${withFaults}\n`,
    );
    const result = await runCheck(options, {
      signal: interruption.signal,
      onFault: (fault) => {
        if (options.verbose) process.stdout.write(`${faultLine(fault)}\n`);
      },
    });
    const { text, passed } = reportOf(result, options);
    process.stdout.write(text);
    return passed ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted && interruption.signal.reason instanceof Interrupted) {
      process.stderr.write(`${interruption.signal.reason.message} Everything that was started is stopped.\n`);
      return interruption.signal.reason.exitCode;
    }
    if (!(error instanceof CheckUsageError)) throw error;
    process.stderr.write(`${error.message}\nTry: npm run check:coherence -- --help\n`);
    return 2;
  } finally {
    interruption.stopListening();
  }
}
