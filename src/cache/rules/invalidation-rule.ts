/** Events by their names: an application's own, with their types. */
export type EventMap = object;

/** Every name, and any event: for an application that does not say which there are. */
export type AnyEvents = Readonly<Record<string, unknown>>;

/** The names of events. */
export type EventName<Events extends EventMap> = keyof Events & string;

/** What an event makes invalid. */
export interface Invalid {
  /** Names of values. */
  readonly keys?: readonly string[];
  readonly tags?: readonly string[];
  /** Globs or regular expressions of names. They cost a look at every key: prefer tags. */
  readonly patterns?: readonly (string | RegExp)[];
  /** Names of values; what depends on them is invalidated, however far. */
  readonly dependents?: readonly string[];
}

type Listed<Event, Item> = (event: Event) => readonly Item[] | Promise<readonly Item[]>;

/** What an event makes invalid, each part by a function of its own. */
export interface DeclaredRule<Event> {
  /** Under which it is found in the statistics and taken away again. */
  readonly name: string;
  readonly keys?: Listed<Event, string>;
  readonly tags?: Listed<Event, string>;
  readonly patterns?: Listed<Event, string | RegExp>;
  readonly dependents?: Listed<Event, string>;
}

/**
 * What an event makes invalid: declared, or by one function with a name of its own, which may also do without an answer what it
 * has to do.
 */
export type InvalidationRule<Event> =
  | DeclaredRule<Event>
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that ends without an answer is a rule too.
  | ((event: Event) => Invalid | void | Promise<Invalid | void>);

/** A rule under its name. */
export interface NamedRule {
  readonly name: string;
  invalidBy(event: unknown): Promise<Invalid>;
}

/** Both kinds of rules as one. */
export function namedRule<Event>(rule: InvalidationRule<Event>): NamedRule {
  if (typeof rule === 'function') {
    return { name: rule.name, invalidBy: async (event) => (await rule(event as Event)) ?? {} };
  }
  const { name, keys, tags, patterns, dependents } = rule;
  return {
    name,
    invalidBy: async (event) => ({
      keys: (await keys?.(event as Event)) ?? [],
      tags: (await tags?.(event as Event)) ?? [],
      patterns: (await patterns?.(event as Event)) ?? [],
      dependents: (await dependents?.(event as Event)) ?? [],
    }),
  };
}
