import { expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import fc from 'fast-check';
import { keyBuilder } from '../../src/cache/naming/index.js';
import { prismaValue } from './support/prisma-values.js';

const RUNS = Number(process.env['KEY_RUNS'] ?? 20_000);
const keys = keyBuilder();

/** Whether two parameters are the same: kinds and contents, without the order of properties. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  }
  if (Decimal.isDecimal(a) || Decimal.isDecimal(b)) {
    return Decimal.isDecimal(a) && Decimal.isDecimal(b) && a.valueOf() === b.valueOf();
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [own, others] = [Object.keys(a), Object.keys(b)];
  return (
    own.length === others.length &&
    own.every((name) => Object.hasOwn(b, name) && isSame(Reflect.get(a, name), Reflect.get(b, name)))
  );
}

// Few values, so that two draws are often nearly the same, and all marks that the text of a key is written with.
const atom = fc.constantFrom<unknown>(
  ...[1, '1', 1n, 0, -0, NaN, 'NaN', true, 'true', null, 'null', undefined, '', "'", ',', '(', ')', '!', '='],
  ...['()', '!()', "'a", 'a=1', "1,'a", '%', '%27', '\ud83e', '\ud83f', '\ufffd', 'é', ':', '*'],
  ...[new Decimal(1), new Decimal('-0'), new Date(1), Uint8Array.of(), Uint8Array.of(1), [], {}],
);
const name = fc.constantFrom('a', 'b', '', 'a=1', 'a,b', '__proto__', "'", '(');
const params: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'xsmall', maxDepth: 3 },
    { weight: 4, arbitrary: atom },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(name, tie('value'), { maxKeys: 3 }) },
  ),
})).value;

/** The same, with all properties in the other order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (Object.prototype.toString.call(value) !== '[object Object]' || Decimal.isDecimal(value)) return value;
  const entries = Object.entries(value as object).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, turned(item)]));
}

function holdsInvalidDate(value: unknown): boolean {
  if (value instanceof Date) return Number.isNaN(value.getTime());
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsInvalidDate);
}

test('two parameters share a key exactly when they are the same', () => {
  fc.assert(
    fc.property(params, params, (a, b) => {
      const [one, other] = [keys.queryKey('q', { a }), keys.queryKey('q', { a: b })];
      return (one === other) === isSame(a, b);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

test('parameters of all kinds have keys of ASCII without globs, and the order of properties does not count', () => {
  fc.assert(
    fc.property(
      prismaValue.filter((value) => !holdsInvalidDate(value)),
      prismaValue,
      (value, other) => {
        const key = keys.listKey('user', { value });
        expect(key).toMatch(/^user:list:\(value=[\w.@%(),='!-]*\)$/);
        expect(keys.listKey('user', { value: turned(value) })).toBe(key);
        if (!holdsInvalidDate(other)) {
          expect(keys.listKey('user', { value: other }) === key).toBe(isSame(value, other));
        }
      },
    ),
    { numRuns: RUNS / 10 },
  );
}, 120_000);

test('no two pairs of entity and id share a key, and none is the key of another kind', () => {
  const text = fc.oneof(
    fc.constantFrom('user', 'list', 'query', 'report', '@a', 'a:b', 'a', 'b', '%', ':', '()', 'b:()'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }),
  );
  const scopes = fc.constantFrom(null, 'a', 'user', '@a');
  const built = fc.record({
    scope: scopes,
    kind: fc.constantFrom(
      'entityKey' as const,
      'listKey' as const,
      'queryKey' as const,
      'reportKey' as const,
    ),
    first: text,
    second: text,
  });
  fc.assert(
    fc.property(built, built, (a, b) => {
      const [one, other] = [a, b].map(({ scope, kind, first, second }) =>
        keyBuilder({ scope: () => scope })[kind](first, second),
      );
      const isOne = a.scope === b.scope && a.kind === b.kind && a.first === b.first && a.second === b.second;
      return (one === other) === isOne;
    }),
    { numRuns: RUNS },
  );
}, 120_000);
