/** True when two types are the same, `any` and `readonly` included. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only where the value has exactly this type: `expectType<string>()(value)`. */
export function expectType<Expected>() {
  return <Actual>(
    _value: Actual,
    ..._same: Same<Flat<Actual>, Flat<Expected>> extends true ? [] : [expected: Expected, found: Actual]
  ): void => undefined;
}

/** Without the names that intersections were made by, so that equal shapes are the same type. */
type Flat<T> = T extends readonly (infer Item)[]
  ? Item[] extends T
    ? Flat<Item>[]
    : readonly Flat<Item>[]
  : T extends Date | bigint | Uint8Array | { toFixed(): string }
    ? T
    : T extends object
      ? { [Key in keyof T]: Flat<T[Key]> }
      : T;
