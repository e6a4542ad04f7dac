import type { ConnectOptions } from '../../database/index.js';
import { LifecycleError } from '../../errors.js';
import type { Wiring } from './wiring.js';

/** What is lived: parts that connect, and close once. */
export type Living = Pick<Wiring, 'pool' | 'cache' | 'prisma' | 'close'>;

/**
 * The time from the first use of a factory's parts to their end: made at first use, connected by `initialize`, closed
 * once. What comes after a shutdown is another life.
 */
export class FactoryLife<Parts extends Living = Wiring> {
  readonly #make: () => Parts;
  #parts: Parts | null = null;
  #initializing: Promise<void> | null = null;
  #ending: Promise<void> | null = null;
  #initialized = false;

  constructor(make: () => Parts) {
    this.#make = make;
  }

  /**
   * The parts, made at first use.
   *
   * @throws LifecycleError when it has ended
   * @throws whatever making them threw; they are tried anew the next time
   */
  get parts(): Parts {
    if (this.#ending !== null) throw ended();
    this.#parts ??= this.#make();
    return this.#parts;
  }

  /** The parts, where they were made and not closed. */
  get madeParts(): Parts | null {
    return this.#ending === null ? this.#parts : null;
  }

  get hasEnded(): boolean {
    return this.#ending !== null;
  }

  /** Whether everything was connected once, and has not been closed since. */
  get isInitialized(): boolean {
    return this.#initialized;
  }

  /** Connects. Calls made meanwhile share the attempt; one that failed can be repeated. */
  initialize(options: ConnectOptions): Promise<void> {
    this.#initializing ??= this.#connect(options).catch((error: unknown) => {
      this.#initializing = null;
      throw error;
    });
    return this.#initializing;
  }

  /** Closes the parts. Calling it again waits for the same end. */
  end(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#ending ??= this.#close(options);
    return this.#ending;
  }

  async #connect(options: ConnectOptions): Promise<void> {
    const { pool, cache } = this.parts;
    // Prisma's engine starts with the first query that needs it: compiling it is most of a first read that does not.
    await Promise.all([pool.connect(options), cache.connect()]);
    if (this.#ending !== null) throw ended();
    this.#initialized = true;
  }

  async #close(options: { readonly timeoutMs?: number }): Promise<void> {
    this.#initialized = false;
    await this.#parts?.close(options);
  }
}

function ended(): LifecycleError {
  return new LifecycleError(
    'The repository factory was shut down. Call initialize() before you use it again.',
  );
}
