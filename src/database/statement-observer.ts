import type { Logger } from '../config/index.js';
import type { QueryLogConfig } from '../config/types.js';

/** What was seen of one statement when its answer came. */
export interface StatementRecord {
  readonly text: string;
  readonly parameters: readonly unknown[];
  readonly durationMs: number;
  readonly error: Error | null;
}

/**
 * Counts the statements of one pool and logs those that its settings ask for. Every statement passes here, Prisma's
 * included, since it sits in the client class that the pool creates.
 */
export class StatementObserver {
  #queryCount = 0;
  #errorCount = 0;
  #slowCount = 0;
  readonly #settings: QueryLogConfig;
  readonly #logger: Logger;

  constructor(settings: QueryLogConfig, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  get queryCount(): number {
    return this.#queryCount;
  }

  get errorCount(): number {
    return this.#errorCount;
  }

  get slowCount(): number {
    return this.#slowCount;
  }

  /** Takes note of one finished statement. */
  record(statement: StatementRecord): void {
    this.#queryCount += 1;
    const slow = statement.durationMs >= this.#settings.slowThresholdMs;
    if (slow) this.#slowCount += 1;
    if (statement.error !== null) {
      this.#errorCount += 1;
      this.#logger.debug({ ...this.#describe(statement), err: statement.error }, 'statement failed');
    } else if (slow) {
      this.#logger.warn(this.#describe(statement), 'slow statement');
    } else if (this.#settings.logQueries) {
      this.#logger.debug(this.#describe(statement), 'statement');
    }
  }

  #describe(statement: StatementRecord): object {
    const { text, durationMs } = statement;
    return this.#settings.logParams
      ? { sql: text, durationMs, parameters: statement.parameters }
      : { sql: text, durationMs };
  }
}
