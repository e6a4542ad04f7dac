import { HoldfastError } from '../errors.js';

/** An entity cannot go from the state it is in to the one asked for. The context holds both. */
export class InvalidTransitionError extends HoldfastError {
  readonly code = 'INVALID_TRANSITION';

  constructor(model: 'ConversionJob' | 'Project', id: string, from: string, to: string) {
    super(
      `The ${model} is ${from}, and cannot go on to ${to}. Read it again before you decide what to do with it.`,
      { context: { model, id, from, to } },
    );
  }
}

/** A job has failed as often as it may, so it is not tried again. */
export class AttemptsExhaustedError extends HoldfastError {
  readonly code = 'ATTEMPTS_EXHAUSTED';

  constructor(id: string, attempts: number, maxAttempts: number) {
    super(
      `The job was tried ${attempts} times, of ${maxAttempts} that it may be. Create another, or raise maxAttempts.`,
      { context: { id, attempts, maxAttempts } },
    );
  }
}
