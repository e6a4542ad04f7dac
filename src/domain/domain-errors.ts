import { HoldfastError } from '../errors.js';

/** A job cannot go from the state it is in to the one asked for. */
export class InvalidTransitionError extends HoldfastError {
  readonly code = 'INVALID_TRANSITION';

  constructor(jobId: string, from: string, to: string) {
    super(
      `The job is ${from}, and cannot go on to ${to}. Read it again before you decide what to do with it.`,
      {
        context: { jobId, from, to },
      },
    );
  }
}
