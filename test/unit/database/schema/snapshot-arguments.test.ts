import { describe, expect, test } from '@jest/globals';
import { DbNull, Decimal, skip } from '@prisma/client/runtime/client';
import { canonicalArguments, snapshotArguments } from '../../../../src/database/index.js';

class Money {
  amount = 1;
}

function args() {
  return {
    where: { name: 'a', id: { in: [1, 2n] }, at: new Date(5), raw: new Uint8Array([1, 2]), none: undefined },
    data: { cost: new Decimal('1.5'), stack: DbNull, left: skip, ['__proto__']: { a: 1 } },
  };
}

describe('a snapshot of arguments', () => {
  test('says what they say', () => {
    const given = args();
    const snapshot = snapshotArguments(given);
    expect(snapshot).toEqual(given);
    expect(canonicalArguments(snapshot)).toBe(canonicalArguments(given));
    expect(Object.hasOwn(snapshot.data, '__proto__')).toBe(true);
  });

  test('stays as it is when they are changed', () => {
    const given = args();
    const snapshot = snapshotArguments(given);
    given.where.name = 'b';
    given.where.id.in.push(3);
    given.where.at.setTime(6);
    given.where.raw[0] = 9;
    Object.assign(given.data, { projects: { deleteMany: {} } });
    expect(canonicalArguments(snapshot)).toBe(canonicalArguments(args()));
  });

  test('holds the bytes alone, not the buffer that they were a part of', () => {
    const raw = new Uint8Array(1_000).subarray(10, 12);
    expect(snapshotArguments({ raw }).raw.buffer.byteLength).toBe(2);
  });

  test.each([
    ['nothing', undefined],
    ['a circle', circle()],
    ['an instance of a class, which it does not copy', new Money()],
    ['a function', args],
  ])('can be taken of %s', (_what, value) => {
    expect(() => snapshotArguments({ value })).not.toThrow();
  });
});

function circle(): object {
  const object: Record<string, unknown> = {};
  object['self'] = object;
  // So many paths lead through it that walking each would not end.
  object['selves'] = [object, object, object];
  return object;
}
