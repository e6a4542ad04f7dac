import type { Decimal } from '@prisma/client/runtime/client';

/** A date that refuses to be changed; all else it does as any other. */
class ImmutableDate extends Date {}

for (const name of Object.getOwnPropertyNames(Date.prototype)) {
  if (!name.startsWith('set')) continue;
  Object.defineProperty(ImmutableDate.prototype, name, {
    value: () => {
      throw new TypeError(
        `${name}() was called on a date that came from a repository. All readers share it: change a copy, new Date(date).`,
      );
    },
  });
}
// So `constructor` is Date: libraries make a changeable copy by it, and test frameworks compare by it.
Reflect.deleteProperty(ImmutableDate.prototype, 'constructor');

/** A frozen date whose setters throw a TypeError, since `Object.freeze` alone would not keep its time from changing. */
export function frozenDate(time: number): Date {
  return Object.freeze(new ImmutableDate(time));
}

export function isFrozenDate(date: Date): boolean {
  return date instanceof ImmutableDate && Object.isFrozen(date);
}

/** Freezes a Decimal with its digits. Its methods give new ones and never touch it. */
export function freezeDecimal(decimal: Decimal): Decimal {
  Object.freeze(decimal.d);
  return Object.freeze(decimal);
}
