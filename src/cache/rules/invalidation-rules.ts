import type { Logger } from '../../config/index.js';
import { InvalidArgumentError } from '../../errors.js';
import type { Clock } from '../clock.js';
import {
  type AnyEvents,
  type EventMap,
  type EventName,
  type Invalid,
  type InvalidationRule,
  type NamedRule,
  namedRule,
} from './invalidation-rule.js';
import { RuleCounters, type RuleStatistics } from './rule-statistics.js';

/** What rules invalidate with. Each resolves to whether the store has confirmed it. */
export interface Invalidator {
  /** Values of these names. */
  keys(names: readonly string[]): Promise<boolean>;
  /** What hangs on these tags. */
  tags(tags: readonly string[]): Promise<boolean>;
  /** What depends on the value of this name. */
  dependents(name: string): Promise<boolean>;
  /** Values whose names match. */
  pattern(pattern: string | RegExp): Promise<{ readonly invalidated: number; readonly failed: number }>;
}

interface Registered {
  readonly rule: NamedRule;
  readonly counters: RuleCounters;
}

interface Outcome {
  readonly invalidated: number;
  readonly confirmed: boolean;
}

/**
 * What events make invalid. Rules run after what the event tells of has happened, and who caused it does not wait for them:
 * until a rule has run, what it invalidates may be served. What must never be stale belongs under a tag or a model instead,
 * which a write fences.
 */
export class InvalidationRules<Events extends EventMap = AnyEvents> {
  readonly #invalidator: Invalidator;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #byName = new Map<string, Registered>();

  constructor(options: {
    readonly invalidator: Invalidator;
    readonly logger: Logger;
    readonly clock: Clock;
  }) {
    this.#invalidator = options.invalidator;
    this.#logger = options.logger;
    this.#clock = options.clock;
  }

  /**
   * Registers a rule for an event. Returns what takes it away again.
   *
   * @throws InvalidArgumentError when it has no name, or the name of another rule
   */
  on<Name extends EventName<Events>>(event: Name, rule: InvalidationRule<Events[Name]>): () => void {
    const named = namedRule(rule);
    if (typeof named.name !== 'string' || named.name === '') {
      throw new InvalidArgumentError(
        `A rule for "${event}" has no name: give it one, for its statistics and for off(name).`,
      );
    }
    if (this.#byName.has(named.name)) {
      throw new InvalidArgumentError(
        `There is a rule "${named.name}" already: take it away with off(name) first, or give this one another name.`,
        { context: { rule: named.name, event } },
      );
    }
    const registered = { rule: named, counters: new RuleCounters(event) };
    this.#byName.set(named.name, registered);
    return () => {
      // Not another one that took its name since.
      if (this.#byName.get(named.name) === registered) this.#byName.delete(named.name);
    };
  }

  /** Takes a rule away. False when there is none of this name. */
  off(name: string): boolean {
    return this.#byName.delete(name);
  }

  /** Whether any rule is for this event: for who would have to find out what to tell of it. */
  hears(event: EventName<Events>): boolean {
    for (const { counters } of this.#byName.values()) if (counters.event === event) return true;
    return false;
  }

  /** Runs the rules of an event, and resolves when all have ended. One that fails is logged and counted; nobody else is concerned. */
  async emit<Name extends EventName<Events>>(name: Name, event: Events[Name]): Promise<void> {
    const concerned = [...this.#byName.values()].filter(({ counters }) => counters.event === name);
    await Promise.all(concerned.map((registered) => this.#run(registered, event)));
  }

  /** What each rule has done, by its name. */
  getStatistics(): ReadonlyMap<string, RuleStatistics> {
    return new Map([...this.#byName].map(([name, { counters }]) => [name, counters.statistics]));
  }

  async #run({ rule, counters }: Registered, event: unknown): Promise<void> {
    const startedAt = this.#clock.now();
    try {
      const { invalidated, confirmed } = await this.#invalidate(await rule.invalidBy(event));
      const error = confirmed ? null : 'the store did not confirm all of it';
      counters.add(this.#clock.now() - startedAt, invalidated, error);
      if (!confirmed)
        this.#logger.warn({ rule: rule.name, event: counters.event }, `an invalidation rule: ${error}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      counters.add(this.#clock.now() - startedAt, 0, message);
      this.#logger.error(
        { err: error, rule: rule.name, event: counters.event },
        'an invalidation rule failed',
      );
    }
  }

  async #invalidate({ keys = [], tags = [], patterns = [], dependents = [] }: Invalid): Promise<Outcome> {
    const invalidator = this.#invalidator;
    const all = (count: number, done: Promise<boolean>): Promise<Outcome> =>
      done.then((confirmed) => ({ invalidated: confirmed ? count : 0, confirmed }));
    const outcomes: Promise<Outcome>[] = [];
    if (keys.length > 0) outcomes.push(all(keys.length, invalidator.keys(keys)));
    if (tags.length > 0) outcomes.push(all(tags.length, invalidator.tags(tags)));
    outcomes.push(...dependents.map((name) => all(1, invalidator.dependents(name))));
    for (const pattern of patterns) {
      const report = invalidator.pattern(pattern);
      outcomes.push(report.then(({ invalidated, failed }) => ({ invalidated, confirmed: failed === 0 })));
    }
    const done = await Promise.all(outcomes);
    return {
      invalidated: done.reduce((sum, { invalidated }) => sum + invalidated, 0),
      confirmed: done.every(({ confirmed }) => confirmed),
    };
  }
}
