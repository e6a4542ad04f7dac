import { describe, expect, test } from '@jest/globals';
import { Decimal } from '@prisma/client/runtime/client';
import { keyBuilder, type NamedId } from '../../../../src/cache/naming/index.js';
import { InvalidArgumentError, ScopeRequiredError } from '../../../../src/errors.js';

const keys = keyBuilder();

describe('a key', () => {
  test('says what it is about, in the order of its parts', () => {
    expect(keys.entityKey('user', 42)).toBe('user:42');
    expect(keys.listKey('user', { status: 'ACTIVE', page: 2 })).toBe("user:list:(page=2,status='ACTIVE)");
    expect(keys.queryKey('topProjects', { limit: 5n })).toBe('query:topProjects:(limit=5n)');
    expect(keys.reportKey('monthly', { tags: ['a', 'b'] })).toBe("report:monthly:(tags=!('a,'b))");
  });

  test('is the same without parameters as with none in them', () => {
    expect(keys.listKey('user')).toBe('user:list:()');
    expect(keys.listKey('user', {})).toBe('user:list:()');
  });

  test('does not depend on the order of properties at any depth, and does on that of lists', () => {
    expect(keys.listKey('a', { x: 1, y: { b: 1, a: 2 } })).toBe(
      keys.listKey('a', { y: { a: 2, b: 1 }, x: 1 }),
    );
    expect(keys.listKey('a', [1, 2])).not.toBe(keys.listKey('a', [2, 1]));
  });

  test('keeps the case of values', () => {
    expect(keys.listKey('a', { x: 'Ada' })).not.toBe(keys.listKey('a', { x: 'ada' }));
    expect(keys.entityKey('User', 'A')).not.toBe(keys.entityKey('User', 'a'));
  });

  test('is one for an id, however the id is written', () => {
    expect(
      new Set([keys.entityKey('user', 7), keys.entityKey('user', 7n), keys.entityKey('user', '7')]).size,
    ).toBe(1);
  });

  test('of a compound id does not depend on the order of its parts, nor is it that of a text', () => {
    const key = keys.entityKey('membership', { user: 'u', organization: 1 });
    expect(key).toBe("membership:(organization=1,user='u)");
    expect(keys.entityKey('membership', "(organization=1,user='u)")).not.toBe(key);
  });

  test('has a part for each name, whatever characters an id or a name brings', () => {
    expect(keys.entityKey('user', '1:list:()')).toBe('user:1%3Alist%3A%28%29');
    expect(keys.entityKey('user:1', 'a')).not.toBe(keys.entityKey('user', '1:a'));
    expect(keys.entityKey('user', 'é🦊\ud83e')).toBe('user:%C3%A9%F0%9F%A6%8A%uD83E');
  });

  test('holds no glob that a user brought', () => {
    const key = keys.listKey('a*', { 'b?': 'c[d]\\^', e: ['*'] });
    expect(key).not.toMatch(/[*?[\]\\^]/);
  });

  test.each(['query', 'report', '@acme'])('of an entity called %s is that of no other kind', (name) => {
    const others = [keys.queryKey('list', {}), keys.reportKey('list', {}), '@acme:list:()'];
    expect(others).not.toContain(keys.listKey(name, {}));
  });

  test('takes properties that are named as parts of prototypes for properties', () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') as object;
    expect(keys.queryKey('q', odd)).toBe('query:q:(__proto__=1,constructor=2,toString=3)');
    expect(keys.queryKey('q', Object.assign(Object.create(null), { a: 1 }))).toBe('query:q:(a=1)');
  });

  test('tells apart all values that are not the same', () => {
    const different = [
      [1, '1', 1n, new Decimal(1), true, 'true', [1], { 0: 1 }],
      [null, undefined, 'null', 'undefined', '', [], {}, [[]], [{}], [null], [undefined]],
      [0, -0, NaN, 'NaN', Infinity, -Infinity, new Decimal(0), new Decimal('-0'), new Decimal(NaN)],
      [new Date(0), '1970-01-01T00:00:00.000Z', 'd1970-01-01T00%3A00%3A00.000Z', new Date(1)],
      [Uint8Array.of(1), Uint8Array.of(1, 0), 'xAQ', 'AQ'],
      [['a,b'], ['a', 'b'], ["a,'b"], ['a', ['b']], { a: 'b' }, { 'a=b': '' }],
    ].flat();
    const texts = different.flatMap((value) => [
      keys.queryKey('q', { value }),
      keys.queryKey('q', { other: value }),
    ]);
    expect(new Set([...texts, keys.queryKey('q', {})]).size).toBe(2 * different.length + 1);
  });

  test('is the same for a Decimal or bytes of the same content', () => {
    expect(keys.queryKey('q', [new Decimal('1.50')])).toBe(keys.queryKey('q', [new Decimal('1.5')]));
    expect(keys.queryKey('q', [Buffer.from('a')])).toBe(keys.queryKey('q', [new Uint8Array([97])]));
  });
});

describe('what cannot be in a key', () => {
  const circle: { self?: unknown } = {};
  circle.self = [circle];
  class Point {
    readonly x = 1;
  }

  test.each([
    ['a function', { a: [0, () => 1] }, '.a[1]'],
    ['a symbol', { a: { b: Symbol('s') } }, '.a.b'],
    ['an object with symbols', { a: { [Symbol('s')]: 1 } }, '.a'],
    ['a circle', circle, '.self[0]'],
    ['an invalid date', [new Date(NaN)], '[0]'],
    ['a list with gaps or names', { list: new Array(2) }, '.list'],
    ['an instance of Point', { p: new Point() }, '.p'],
    ['an instance of Map', new Map(), ''],
    ['an instance of Uint16Array', [new Uint16Array(1)], '[0]'],
  ])('is %s: the error says where it is', (what, params, path) => {
    expect(() => keys.listKey('user', params)).toThrow(InvalidArgumentError);
    expect(() => keys.listKey('user', params)).toThrow(`${what} at "parameters${path}"`);
  });

  test('is what nests without end, and not what nests well', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(keys.queryKey('q', nested(100))).toContain('1');
    expect(() => keys.queryKey('q', nested(101))).toThrow('nested deeper than 100 levels');
    expect(() => keys.queryKey('q', nested(5_000))).toThrow(InvalidArgumentError);
  });

  test('is one object that stands in it twice no circle', () => {
    const shared = { x: 1 };
    expect(keys.queryKey('q', [shared, shared])).toBe('query:q:!((x=1),(x=1))');
  });

  test.each([NaN, Infinity, '', null, undefined, true, Symbol('s')])('is the id %p', (id) => {
    expect(() => keys.entityKey('user', id as NamedId)).toThrow(InvalidArgumentError);
  });

  test('is a name that is empty or no text', () => {
    for (const name of ['', undefined, null, 7] as string[]) {
      expect(() => keys.entityKey(name, 1)).toThrow(InvalidArgumentError);
      expect(() => keys.listKey(name)).toThrow(InvalidArgumentError);
      expect(() => keys.queryKey(name)).toThrow(InvalidArgumentError);
      expect(() => keys.reportKey(name)).toThrow(InvalidArgumentError);
    }
  });

  test('is more than 512 KB', () => {
    expect(keys.entityKey('u', 'a'.repeat(512 * 1024 - 2))).toHaveLength(512 * 1024);
    expect(() => keys.entityKey('u', 'a'.repeat(512 * 1024 - 1))).toThrow('up to 524288 bytes');
  });
});

describe('a scope', () => {
  test('stands first in every key while it is there, and is asked for anew each time', () => {
    let tenant: string | null = 'acme';
    const scoped = keyBuilder({ scope: () => tenant });
    expect(scoped.entityKey('user', 1)).toBe('@acme:user:1');
    tenant = 'b:c';
    expect(scoped.reportKey('r')).toBe('@b%3Ac:report:r:()');
    tenant = null;
    expect(scoped.entityKey('user', 1)).toBe('user:1');
  });

  test.each([7, {}, false, Symbol('s')])('that is %p is refused, not taken for nobody', (scope) => {
    const scoped = keyBuilder({ scope: () => scope as unknown as string });
    expect(() => scoped.entityKey('user', 1)).toThrow(InvalidArgumentError);
  });

  test.each([null, ''])('that is required and %p is refused', (nobody) => {
    const scoped = keyBuilder({ scope: () => nobody, required: true });
    expect(() => scoped.entityKey('user', 1)).toThrow(ScopeRequiredError);
    expect(() => scoped.listKey('user')).toThrow(ScopeRequiredError);
    expect(() => scoped.queryKey('q')).toThrow(ScopeRequiredError);
    expect(() => scoped.reportKey('r')).toThrow(ScopeRequiredError);
  });
});
