import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CursorCodec } from '../../../../src/database/patterns/cursor-codec.js';
import { CursorError } from '../../../../src/database/patterns/errors.js';
import { InvalidArgumentError } from '../../../../src/errors.js';

const codec = new CursorCodec(['one secret of enough bytes']);
const fingerprint = Buffer.alloc(16, 7);

const position = fc.record({
  inclusive: fc.boolean(),
  values: fc.array(fc.option(fc.string({ unit: 'binary' }), { nil: null }), { maxLength: 4 }),
});

/** Why a cursor is refused; null when it is not. */
function fault(cursor: string, by = codec, of: Buffer = fingerprint): unknown {
  try {
    by.decode(cursor, of);
    return null;
  } catch (error) {
    if (error instanceof CursorError) return error.context['fault'];
    throw error;
  }
}

describe('a cursor', () => {
  test('gives back the position it was made of, whatever the values', () => {
    fc.assert(
      fc.property(position, (given) => {
        expect(codec.decode(codec.encode(given, fingerprint), fingerprint)).toEqual(given);
      }),
    );
  });

  test('has only characters that an address needs not escape', () => {
    fc.assert(
      fc.property(position, (given) => {
        expect(codec.encode(given, fingerprint)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test('is refused when any one of its bytes is changed', () => {
    fc.assert(
      fc.property(position, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = Buffer.from(codec.encode(given, fingerprint), 'base64url');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ change;
        expect(fault(bytes.toString('base64url'))).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused when any one of its characters is changed, left out or put in', () => {
    const characters = [...'ABCXYZabcxyz0189-_=+/. \n'];
    fc.assert(
      fc.property(position, fc.nat(), fc.constantFrom(...characters), (given, at, character) => {
        const cursor = codec.encode(given, fingerprint);
        const index = at % cursor.length;
        const changed = [
          cursor.slice(0, index) + character + cursor.slice(index + 1),
          cursor.slice(0, index) + cursor.slice(index + 1),
          cursor.slice(0, index) + character + cursor.slice(index),
          cursor + character,
        ];
        for (const other of changed) if (other !== cursor) expect(fault(other)).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  test('is refused whatever text is given in its place, and by no other error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: 'binary' })), (text) => {
        expect(['malformed', 'version', 'signature']).toContain(fault(text));
      }),
    );
    expect(fault('A'.repeat(100_000))).toBe('malformed');
    expect(fault(Reflect.get({}, 'absent'))).toBe('malformed');
  });

  test('is refused by another secret, for another query, and in another version', () => {
    const cursor = codec.encode({ values: ['1'], inclusive: false }, fingerprint);
    expect(fault(cursor, new CursorCodec(['another secret of enough bytes']))).toBe('signature');
    expect(fault(cursor, codec, Buffer.alloc(16, 8))).toBe('other-query');
    const bytes = Buffer.from(cursor, 'base64url');
    bytes[0] = 2;
    expect(fault(bytes.toString('base64url'))).toBe('version');
  });

  test('is accepted while its secret is still among those given', () => {
    const cursor = codec.encode({ values: ['1'], inclusive: false }, fingerprint);
    const next = new CursorCodec(['a new secret of enough bytes', 'one secret of enough bytes']);
    expect(fault(cursor, next)).toBeNull();
    expect(fault(next.encode({ values: ['1'], inclusive: false }, fingerprint))).toBe('signature');
  });
});

test('a codec is refused without a secret or with one too short', () => {
  expect(() => new CursorCodec([])).toThrow(InvalidArgumentError);
  expect(() => new CursorCodec(['one secret of enough bytes', 'short'])).toThrow(InvalidArgumentError);
});
