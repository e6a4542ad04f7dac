import { WiringError } from '../../errors.js';
import { type DependencyContainer, injectable } from '../container.js';
import { ReadOnlyRepository } from '../read-only-repository.js';
import type { CheckableRepository, RepositoryClass } from './factory-types.js';
import { TOKENS } from './tokens.js';

/** A token, or what tsyringe's other decorators note in its place. */
type Wanted = unknown;

/** What a class says of its constructor's parameters, by their positions. */
interface Declared {
  readonly tokens: Readonly<Record<number, Wanted>>;
  /** The classes that the compiler noted; where it notes an interface or nothing, `Object` or undefined. */
  readonly types: readonly unknown[];
}

type Constructor = new (...args: never[]) => object;

// Where tsyringe's decorators, and the compiler, leave what they know of a class.
const TOKENS_KEY = 'injectionTokens';
const TYPES_KEY = 'design:paramtypes';
/** What the compiler notes for types that are no class of the application's. */
const NO_CLASS: ReadonlySet<unknown> = new Set([
  ...[undefined, Object, String, Number, Boolean, BigInt, Symbol, Function],
  ...[Array, Date, Promise, Map, Set, RegExp, Error],
]);

/**
 * Makes a repository. A class that says what is to be injected into it is made by tsyringe; every other is given the
 * `RepositoryContext`, so that it needs neither decorators nor the metadata of a compiler. A class without a constructor
 * of its own is made as the one it extends.
 *
 * @throws WiringError when a class asks for injection, but not for each of its parameters, or for what is not registered
 */
export function makeRepository(Class: RepositoryClass, container: DependencyContainer): CheckableRepository {
  const declared = declaredBy(Class);
  if (declared === null) return new Class(container.resolve(TOKENS.repositoryContext));
  try {
    return container.resolve<CheckableRepository>(carrierOf(Class, declared));
  } catch (error) {
    throw typed(Class, error);
  }
}

/** The repository classes that a class wants to be given, whether the factory has them or not. */
export function wantedRepositories(Class: RepositoryClass): readonly RepositoryClass[] {
  const { tokens, types } = declaredBy(Class) ?? { tokens: {}, types: [] };
  const wanted = [...Object.values(tokens).map(tokenIn), ...types];
  return wanted.filter(
    (each): each is RepositoryClass =>
      typeof each === 'function' && each.prototype instanceof ReadOnlyRepository,
  );
}

/** `@inject` notes the token with its options. */
function tokenIn(wanted: Wanted): unknown {
  return typeof wanted === 'object' && wanted !== null && 'token' in wanted ? wanted.token : wanted;
}

const HINT = "Register it by the factory's option `register`.";

/** tsyringe tells what it could not inject by the text of an error that has no code and no cause. */
function typed(Class: RepositoryClass, error: unknown): unknown {
  if (!(error instanceof Error && error.message.startsWith('Cannot inject the dependency'))) return error;
  const { message } = error;
  const hint = message.includes('unregistered') && !message.includes(HINT) ? `\n${HINT}` : '';
  return new WiringError(message + hint, { context: { class: Class.name }, cause: error });
}

/** Null for a class that is given the context. */
function declaredBy(Class: Constructor): Declared | null {
  // A constructor that names no parameter may be none at all: what it is given is passed on, or ignored.
  for (let each = Class; typeof each === 'function' && each !== Function.prototype; each = parentOf(each)) {
    const declared = ownOf(each);
    if (declared !== null) return completed(each, declared);
    if (each.length > 0) return null;
  }
  return null;
}

function parentOf(Class: Constructor): Constructor {
  return Object.getPrototypeOf(Class) as Constructor;
}

function ownOf(Class: Constructor): Declared | null {
  const tokens = Reflect.getOwnMetadata(TOKENS_KEY, Class) as Declared['tokens'] | undefined;
  const types = Reflect.getOwnMetadata(TYPES_KEY, Class) as Declared['types'] | undefined;
  if (tokens === undefined && !types?.some(isInjectable)) return null;
  return { tokens: tokens ?? {}, types: types ?? [] };
}

function isInjectable(type: unknown): boolean {
  return !NO_CLASS.has(type);
}

/** With a token for each parameter that is needed. */
function completed(Class: Constructor, { tokens, types }: Declared): Declared {
  const count = Math.max(Class.length, types.length, ...Object.keys(tokens).map((key) => Number(key) + 1));
  const complete: Record<number, Wanted> = { ...tokens };
  for (let position = 0; position < count; position += 1) {
    if (position in complete || isInjectable(types[position])) continue;
    if (position === 0) complete[position] = TOKENS.repositoryContext;
    else if (position < Class.length) {
      throw new WiringError(
        `${Class.name} does not say what its parameter ${position + 1} is to be given: put @inject(token) before it, or ` +
          'give it a default.',
        { context: { class: Class.name, position } },
      );
    } else complete[position] = LEFT_OUT;
  }
  return { tokens: complete, types: types.slice(0, count) };
}

/** What a parameter with a default is given: nothing, since nothing is ever registered under this. */
const LEFT_OUT = { token: Symbol.for('holdfast:LeftOut'), multiple: false, isOptional: true };

/**
 * A class that tsyringe knows, and that makes an instance of another: of that one, what is known to this copy of tsyringe
 * is perhaps nothing (a second copy has decorated it) or not for its own constructor (it has none).
 */
function carrierOf(Class: RepositoryClass, { tokens, types }: Declared): RepositoryClass {
  function Carrier(...args: unknown[]): object {
    return new Class(...args);
  }
  Object.defineProperty(Carrier, 'name', { value: Class.name });
  Reflect.defineMetadata(TOKENS_KEY, { ...tokens }, Carrier);
  Reflect.defineMetadata(TYPES_KEY, [...types], Carrier);
  const carrier = Carrier as unknown as RepositoryClass;
  injectable<CheckableRepository>()(carrier);
  return carrier;
}
