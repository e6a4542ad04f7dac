import type { CacheHealth } from '../../cache/index.js';
import { type DatabaseHealth, withinMs } from '../../database/index.js';
import type { RepositoryHealth } from '../repository-reports.js';

/** How the parts of the data layer are. */
export interface FactoryHealth {
  /**
   * `healthy`: everything answers. `degraded`: the database answers; the cache, or a repository, does not. Without the
   * cache all is answered, only slower. `unhealthy`: the database does not answer, or the factory is shut down.
   */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly database: boolean;
  readonly cache: boolean;
  /** Each with its own latency. */
  readonly repositories: Readonly<Record<string, RepositoryHealth | Unanswered>>;
  readonly latencyMs: { readonly database: number; readonly cache: number };
  /** Why a part is not healthy. */
  readonly errors: readonly string[];
}

/** What takes the place of an answer that did not come in time. */
export interface Unanswered {
  readonly healthy: false;
  readonly latencyMs: number;
  readonly error: string;
}

/** How long a health check may take. */
export interface HealthCheckOptions {
  /** How long any part is waited for. @default 2_000 */
  readonly timeoutMs?: number;
}

/** What is looked at. Each may throw, reject or hang. */
export interface Checked {
  database(): Promise<DatabaseHealth>;
  cache(): Promise<CacheHealth>;
  readonly repositories: Readonly<Record<string, () => Promise<RepositoryHealth>>>;
}

const DEFAULT_TIMEOUT_MS = 2_000;

/**
 * Looks at the parts of a factory, at all at once. A part that is being looked at already, perhaps since it hangs, is not
 * asked again: who comes meanwhile waits for the same answer, each as long as it said.
 */
export class HealthProbe {
  readonly #checked: Checked;
  readonly #running = new Map<string, Promise<unknown>>();

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  /** Never rejects. */
  async check(options: HealthCheckOptions = {}): Promise<FactoryHealth> {
    const checks = Object.entries(this.#checked.repositories);
    const [database, cache, found] = await Promise.all([
      this.database(options),
      this.#ask('cache', () => this.#checked.cache(), options),
      Promise.all(
        checks.map(
          async ([name, check]) => [name, await this.#ask(`repository ${name}`, check, options)] as const,
        ),
      ),
    ]);
    const repositories = Object.fromEntries(found);
    const parts: Readonly<Record<string, Answer>> = { database, cache, ...repositories };
    const allHealthy = Object.values(parts).every(({ healthy }) => healthy);
    return Object.freeze({
      status: !database.healthy ? 'unhealthy' : allHealthy ? 'healthy' : 'degraded',
      database: database.healthy,
      cache: cache.healthy,
      repositories: Object.freeze(repositories),
      latencyMs: Object.freeze({ database: database.latencyMs, cache: cache.latencyMs }),
      errors: Object.entries(parts).flatMap(([part, { healthy, error }]) =>
        healthy ? [] : [`${part}: ${error ?? 'not healthy'}`],
      ),
    });
  }

  /** Never rejects. */
  database(options: HealthCheckOptions = {}): Promise<DatabaseHealth | Unanswered> {
    return this.#ask('database', () => this.#checked.database(), options);
  }

  async #ask<Health extends Answer>(
    part: string,
    check: () => Promise<Health>,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: HealthCheckOptions,
  ): Promise<Health | Unanswered> {
    try {
      const answer = await withinMs(timeoutMs, this.#shared(part, check));
      if (answer.inTime) return answer.value;
      return { healthy: false, latencyMs: timeoutMs, error: `no answer within ${timeoutMs} ms` };
    } catch (error) {
      return failed(error);
    }
  }

  #shared<Health>(part: string, check: () => Promise<Health>): Promise<Health> {
    const running = this.#running.get(part) as Promise<Health> | undefined;
    if (running !== undefined) return running;
    const started = check().finally(() => this.#running.delete(part));
    this.#running.set(part, started);
    return started;
  }
}

/** The health of a factory of which nothing can be asked. */
export function nothingAnswers(names: readonly string[], error: unknown): FactoryHealth {
  const part = failed(error);
  return Object.freeze({
    status: 'unhealthy',
    database: false,
    cache: false,
    repositories: Object.freeze(Object.fromEntries(names.map((name) => [name, part]))),
    latencyMs: Object.freeze({ database: 0, cache: 0 }),
    errors: [part.error],
  });
}

/** What is asked of every part's answer. */
interface Answer {
  readonly healthy: boolean;
  readonly latencyMs: number;
  readonly error: string | null;
}

export function failed(error: unknown): Unanswered {
  return { healthy: false, latencyMs: 0, error: error instanceof Error ? error.message : String(error) };
}
