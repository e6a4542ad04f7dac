/** The end of a command by a signal. */
export class Interrupted extends Error {
  /** The exit code by which shells report that signal. */
  readonly exitCode: number;

  constructor(cause: string, exitCode: number) {
    super(`Interrupted by ${cause}.`);
    this.name = 'Interrupted';
    this.exitCode = exitCode;
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** That of a process which wrote into a pipe that nobody reads: 128 and SIGPIPE. */
const brokenPipeExitCode = 141;

/** What `listenForInterruption` hands out. */
export interface Interruption {
  /** Aborts with an `Interrupted` at the first Ctrl-C, when the process is asked to end, or when nobody reads on. */
  readonly signal: AbortSignal;
  stopListening(): void;
}

/** Turns the first signal into an abort, so that the command can clean up; a second one ends the process at once. */
export function listenForInterruption(): Interruption {
  const abort = new AbortController();
  const listeners = Object.entries(exitCodes).map(([name, exitCode]) => {
    const listener = (signal: NodeJS.Signals) => {
      if (abort.signal.aborted) {
        process.exit(exitCode);
      }
      abort.abort(new Interrupted(signal, exitCode));
    };
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  // As in `npm run demo | head`: without a listener the process would end before it has cleaned up.
  process.stdout.on('error', () => abort.abort(new Interrupted('the end of its output', brokenPipeExitCode)));
  return {
    signal: abort.signal,
    stopListening: () => {
      for (const stop of listeners) {
        stop();
      }
    },
  };
}
