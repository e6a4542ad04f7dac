/**
 * Stands for an object that is made, or replaced, later: everything asked of it is asked of what `current` gives at that
 * moment. For names that modules export before there is anything behind them.
 */
export function lazy<T extends object>(current: () => T): T {
  return new Proxy(Object.create(null) as T, {
    get: (_target, property) => {
      const object = current();
      const value: unknown = Reflect.get(object, property, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
    has: (_target, property) => Reflect.has(current(), property),
    ownKeys: () => Reflect.ownKeys(current()),
    getPrototypeOf: () => Reflect.getPrototypeOf(current()),
  });
}
