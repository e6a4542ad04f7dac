import { AsyncLocalStorage } from 'node:async_hooks';

// Global, so that the ESM and the CommonJS build see each other's scopes when both are loaded.
const STORAGE = Symbol.for('holdfast:Scopes');

/** The value of each scope field that the current code is confined to. */
type Scopes = ReadonlyMap<string, unknown>;

function storage(): AsyncLocalStorage<Scopes> {
  const holder = globalThis as { [STORAGE]?: AsyncLocalStorage<Scopes> };
  holder[STORAGE] ??= new AsyncLocalStorage<Scopes>();
  return holder[STORAGE];
}

/** What the code that runs now is confined to in this field; undefined where it is not. */
export function currentScopeOf(field: string): unknown {
  return storage().getStore()?.get(field);
}

/**
 * Runs a function in which every repository whose scope is one of these fields is confined to its value: in the
 * middleware of a service with many tenants, `withScope({ tenantId }, next)`.
 */
export function withScope<T>(scopes: Readonly<Record<string, unknown>>, run: () => T): T {
  const all = new Map(storage().getStore());
  for (const [field, value] of Object.entries(scopes)) all.set(field, value);
  return storage().run(all, run);
}

/** The same object, each of whose methods runs confined. */
export function confined<T extends object>(target: T, field: string, value: unknown): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => withScope({ [field]: value }, () => Reflect.apply(member, object, args));
    },
  });
}
