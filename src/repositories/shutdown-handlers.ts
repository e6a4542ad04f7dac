import { constants } from 'node:os';
import type { Logger } from '../config/index.js';

/** What can be shut down. */
export interface Closable {
  /** Ends it, after what is under way. */
  shutdown(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/** How a process ends when it is told to. */
export interface ShutdownHandlerOptions {
  /** @default ['SIGINT', 'SIGTERM'] */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long what is under way may take before it is cancelled on the server. @default 10_000 */
  readonly timeoutMs?: number;
  /** Hears of a shutdown that failed. */
  readonly logger?: Logger;
  /** Ends the process. @default process.exit */
  readonly exit?: (code: number) => void;
}

/**
 * Has the process shut down in order when it is told to end: no more work is taken, what runs is waited for, and then
 * the process exits with 128 plus the signal's number, as a shell would report it. A second signal ends it at once.
 * Nothing does this by itself; call it once, in an application that leaves its signals to this.
 *
 * @returns a function that takes the handlers away again
 */
export function installShutdownHandlers(
  closable: Closable,
  options: ShutdownHandlerOptions = {},
): () => void {
  const { signals = ['SIGINT', 'SIGTERM'], timeoutMs = 10_000, logger, exit = process.exit } = options;
  let ending = false;

  const onSignal = (signal: NodeJS.Signals): void => {
    const code = 128 + constants.signals[signal];
    if (ending) {
      exit(code);
      return;
    }
    ending = true;
    closable.shutdown({ timeoutMs }).then(
      () => exit(code),
      (error: unknown) => {
        logger?.error({ err: error, signal }, 'the shutdown failed');
        exit(code);
      },
    );
  };

  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
