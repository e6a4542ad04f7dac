import { type Config, DEFAULT_TTL } from '../../config/index.js';
import { modelOf } from '../../database/index.js';
import { isHashedInKey } from '../keys.js';
import type { ModelCacheContext } from '../model-cache.js';
import { shapeOf } from '../shape.js';
import type { Guard } from '../store/shared-store.js';
import { NamedValues } from '../values/named-values.js';
import type { ValueContext } from '../values/value-context.js';
import { StoredValues, type Values } from '../values/values.js';

/** What is kept of values, as parts of a cache. */
export function valueParts(
  { cache }: Config,
  context: ModelCacheContext,
): { readonly values: Values; readonly sessions: NamedValues } {
  const named = namedValues(context, cache.defaultTtlSeconds * 1_000);
  return {
    values: new StoredValues(named, context.read, context.keys),
    sessions: sessionValues(context, DEFAULT_TTL[cache.strategies.userSessions] * 1_000),
  };
}

/** Values under names of the application. @param defaultTtlMs how long they are kept where nothing is said */
function namedValues(context: ModelCacheContext, defaultTtlMs: number): NamedValues {
  const { keys } = context;
  return new NamedValues({
    ...common(context),
    names: {
      key: (name) => keys.value(name),
      dependents: (name) => keys.dependents(name),
      isDependents: ({ version }) => version.endsWith(':dependents'),
      refresh: (name) => keys.besideValue(name, 'refresh'),
      isHashed: isHashedInKey,
    },
    sampled: { model: null, checkedAs: null, nameOf: (key) => keys.nameOfValue(key) },
    root: [keys.namespace],
    near: true,
    defaultTtlMs,
  });
}

/**
 * Sessions, by hashes of their ids. They are no copies of anything, so that what is cached becomes invalid, all at once or with
 * a failover, ends none of them; and they are never in the memory of a process.
 */
function sessionValues(context: ModelCacheContext, defaultTtlMs: number): NamedValues {
  const { keys } = context;
  return new NamedValues({
    ...common(context),
    names: {
      key: (hash) => keys.session(hash),
      dependents: (hash) => keys.sessionsOf(`\0${hash}`),
      isDependents: () => false,
      refresh: (hash) => `${keys.session(hash)}:refresh`,
      isHashed: () => false,
    },
    tag: (user) => keys.sessionsOf(user),
    sampled: null,
    root: [],
    near: false,
    defaultTtlMs,
  });
}

function common({
  read,
  writer,
  keys,
  metadata,
}: ModelCacheContext): Pick<ValueContext, 'read' | 'writer' | 'tag' | 'model' | 'shapeOf'> {
  return {
    read,
    writer,
    tag: (name) => keys.tag(name),
    model: (name): readonly Guard[] => {
      const model = modelOf(metadata, name);
      return [keys.lists(model), keys.taggedChanges(model)];
    },
    shapeOf: (models) => shapeOf(models.map((name) => modelOf(metadata, name))),
  };
}
