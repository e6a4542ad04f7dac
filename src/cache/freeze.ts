/**
 * Freezes an entity and the plain objects and arrays in it, since readers of one tick share it. What has inner state of
 * its own (Date, Decimal, Bytes) stays as it is: freezing it would change nothing, or be refused.
 */
export function freezeEntity<T extends object>(entity: T): T {
  for (const value of Object.values(entity)) {
    if (isPlain(value)) freezeEntity(value);
  }
  return Object.freeze(entity);
}

/** Whether a value is an array or an object without a class. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
