import { isSkip } from './prisma-values.js';

/** An object of arguments, of which nothing is known yet. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Whether Prisma takes the value for given: `undefined` and `Prisma.skip` stand for an argument that is not there. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && !isSkip(value);
}

/** The value as an object of arguments, or null where it is none: a list, a date, something that names itself to JSON. */
export function argumentsOf(value: unknown): Arguments | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const args = value as Arguments;
  return typeof args['toJSON'] === 'function' ? null : args;
}

/** The arguments that are given, inherited ones too, since Prisma takes those as well. */
export function givenIn(args: Arguments): [name: string, value: unknown][] {
  const given: [string, unknown][] = [];
  for (const name in args) {
    if (isGiven(args[name])) given.push([name, args[name]]);
  }
  return given;
}

/** What Prisma takes either alone or in an array, as an array. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
