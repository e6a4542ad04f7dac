/** Data that travels with an error: plain values, fit for a structured log; never a secret. */
export type ErrorContext = Readonly<Record<string, unknown>>;

/** What every error of holdfast takes beside its message. */
export interface ErrorDetails {
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/**
 * The root of all errors that holdfast throws on its own account. `code` is stable across versions and is what a
 * program should test; `message` says what happened and what to do next, and may be reworded at any time.
 */
export abstract class HoldfastError extends Error {
  abstract readonly code: string;
  readonly context: ErrorContext;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.context = Object.freeze({ ...details.context });
  }
}

/** One wrong setting: which variable, what it held (masked where it is a secret), what was expected. */
export interface ConfigurationProblem {
  readonly variable: string;
  readonly value: string;
  readonly expected: string;
}

/** The environment, or options given in code, hold values that cannot be used. Lists all of them at once. */
export class ConfigurationError extends HoldfastError {
  readonly code = 'CONFIGURATION_INVALID';
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const lines = problems.map((p) => `  ${p.variable}=${p.value}: expected ${p.expected}`);
    super(
      `The configuration is not valid:\n${lines.join('\n')}\nSee docs/configuration.md for every variable.`,
      {
        context: { problems },
      },
    );
    this.problems = Object.freeze([...problems]);
  }
}

/** PostgreSQL cannot be reached, or went away while it was asked. */
export class DatabaseUnavailableError extends HoldfastError {
  readonly code = 'DATABASE_UNAVAILABLE';
}

/** No connection came free within the acquire timeout. The context holds the figures of the pool at that moment. */
export class PoolTimeoutError extends HoldfastError {
  readonly code = 'POOL_TIMEOUT';
}

/** Something was used after it had been shut down, or before it could be used. */
export class LifecycleError extends HoldfastError {
  readonly code = 'LIFECYCLE';
}

/** The cache could not be asked. Never reaches the caller of a repository: it is caught where the cache is used. */
export class CacheUnavailableError extends HoldfastError {
  readonly code = 'CACHE_UNAVAILABLE';
}

/** A value was not computed in the time that its reader waits. The computation goes on. */
export class LoadTimeoutError extends HoldfastError {
  readonly code = 'LOAD_TIMEOUT';
}

/** Bytes in the cache are not an entry that this version can read, or a value is none that can be stored. Treated as a miss. */
export class CodecError extends HoldfastError {
  readonly code = 'CODEC';
}

/** No entity has this id. Thrown by `findByIdOrThrow`, `update` and `delete`. */
export class EntityNotFoundError extends HoldfastError {
  readonly code = 'ENTITY_NOT_FOUND';
}

/** An argument cannot be what was meant: an id of the wrong type, an empty change, a page that is too large. */
export class InvalidArgumentError extends HoldfastError {
  readonly code = 'INVALID_ARGUMENT';
}

/**
 * A row was changed by somebody else since it was read: the context holds both versions, so read it again and decide. Or
 * the key of an upsert belongs to a row that cannot be seen.
 */
export class ConflictError extends HoldfastError {
  readonly code = 'CONFLICT';
}

/** A repository that is confined to a scope, such as a tenant, was used outside of every one. */
export class ScopeRequiredError extends HoldfastError {
  readonly code = 'SCOPE_REQUIRED';
}

/** Two parts do not fit together as they were wired: a second copy of `pg`, a repository without a delegate. */
export class WiringError extends HoldfastError {
  readonly code = 'WIRING';
}

/** A transaction took longer than it may. It was rolled back, and its statement was cancelled on the server. */
export class TransactionTimeoutError extends HoldfastError {
  readonly code = 'TRANSACTION_TIMEOUT';
}

/**
 * A statement of a transaction failed, and its function went on as if it had not. PostgreSQL refuses everything after
 * such a failure and answers COMMIT with a rollback, so nothing was written. The cause is the failure.
 */
export class TransactionAbortedError extends HoldfastError {
  readonly code = 'TRANSACTION_ABORTED';
}

/** Something was asked of a transaction that has ended. */
export class TransactionClosedError extends HoldfastError {
  readonly code = 'TRANSACTION_CLOSED';
}

/** A transaction kept failing in a way that a retry can mend, until its attempts or its time were used up. */
export class RetriesExhaustedError extends HoldfastError {
  readonly code = 'RETRIES_EXHAUSTED';
}

/**
 * COMMIT was sent and no answer came: the transaction may have taken effect or not. It is never retried by itself. Find
 * out by reading what it would have changed.
 */
export class CommitOutcomeUnknownError extends HoldfastError {
  readonly code = 'COMMIT_OUTCOME_UNKNOWN';
}
