import { HoldfastError } from '../../src/errors.js';
import { Interrupted, listenForInterruption } from '../support/interruption.js';
import { Progress } from '../support/progress.js';
import { helpText, parseDemoArguments, UsageError } from './arguments.js';
import { DemoError } from './demo-error.js';
import { runDemo } from './run-demo.js';
import { checkEnvironment } from './servers.js';

/** Runs the demo from its command line; resolves to the exit code. Prints every failure and never throws. */
export async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const interruption = listenForInterruption();
  try {
    const demoArguments = parseDemoArguments(argv);
    if (demoArguments.help) {
      process.stdout.write(helpText);
      return 0;
    }
    checkEnvironment(environment);
    const progress = new Progress(process.stdout);
    const { signal } = interruption;
    return (await runDemo({ arguments: demoArguments, environment, progress, signal })) ? 0 : 1;
  } catch (error) {
    // What fails after an interruption fails because of it.
    return explain(interruption.signal.aborted ? interruption.signal.reason : error);
  } finally {
    interruption.stopListening();
  }
}

function explain(error: unknown): number {
  if (error instanceof Interrupted) {
    process.stderr.write(`${error.message} Everything the demo had started is stopped.\n`);
    return error.exitCode;
  }
  const isExpected =
    error instanceof UsageError || error instanceof DemoError || error instanceof HoldfastError;
  const text = error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
  process.stderr.write(`${text}\n`);
  return error instanceof UsageError ? 2 : 1;
}
