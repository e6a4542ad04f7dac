import type { Kind } from './kinds.js';
import type { Environment } from './types.js';

/** What a number counts; null where the value is no quantity. */
export type Unit = 'ms' | 's' | 'bytes' | 'connections' | 'attempts' | 'entries' | null;

/** One setting: by which names the environment gives it, where it stands in a Config, and what it may hold. */
export interface Variable<T = unknown> {
  readonly name: string;
  /** Other names for the same setting. */
  readonly aliases: readonly string[];
  /** Where overrides give it and where it stands in a Config; null for what only the environment says. */
  readonly path: string | null;
  /** Where it stands besides: what is given there is given here. */
  readonly otherPaths: readonly string[];
  /** The path of what it is a part of, where it has none of its own. */
  readonly partOf: string | null;
  readonly unit: Unit;
  readonly kind: Kind<NonNullable<T>>;
  /** The value where none is given; null where that means "none" or "not said". */
  readonly default: T;
  /** Another default where the environment is said, not assumed, to be one of these. */
  readonly defaultIn: Partial<Readonly<Record<Environment, T>>>;
  /** There is no default: it must be given. */
  readonly required: boolean;
  /** Null may be given in code, and means what the default null means. */
  readonly nullable: boolean;
  /** A form that counts as unset. */
  readonly ignored: RegExp | null;
  /** An example for `.env.example`, where the default is none. */
  readonly example: string | null;
  /** What it is for, in one line of Markdown. */
  readonly meaning: string;
  /** Whether this release acts on it, or only reads and validates it. */
  readonly actedOn: boolean;
}

type Optional =
  | 'otherPaths'
  | 'partOf'
  | 'aliases'
  | 'unit'
  | 'defaultIn'
  | 'required'
  | 'nullable'
  | 'ignored'
  | 'example'
  | 'actedOn';

/** Completes a row of the table. */
export function variable<T>(
  given: Omit<Variable<T>, Optional> & Partial<Pick<Variable<T>, Optional>>,
): Variable<T> {
  return Object.freeze({
    otherPaths: [],
    partOf: null,
    aliases: [],
    unit: null,
    defaultIn: {},
    required: false,
    nullable: false,
    ignored: null,
    example: null,
    actedOn: true,
    ...given,
  });
}
