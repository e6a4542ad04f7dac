import { describe, expect, test } from '@jest/globals';
import { keyTypeOf, type ScalarField } from '../../../src/database/index.js';
import { FINDERS } from '../../../src/generator/lookup-methods.js';
import { hasOneSpelling } from '../../../src/generator/metadata-types.js';
import { BaseRepository, ReadOnlyRepository } from '../../../src/repositories/index.js';

/*
 * The generator stands apart from the library, so what both must know is written twice. Here it is held equal.
 */

describe('the generator and the library agree on', () => {
  const TYPES = 'String Int BigInt Float Decimal Boolean DateTime Json Bytes'.split(' ');
  const NATIVE_TYPES = [
    null,
    ...'Text VarChar Char Uuid Citext Inet Bit VarBit Xml SmallInt Integer Oid BigInt Real DoublePrecision'.split(
      ' ',
    ),
    ...'Decimal Money Timestamp Timestamptz Date Time Timetz Json JsonB ByteA Boolean'.split(' '),
  ];
  const fields = TYPES.flatMap((type) =>
    NATIVE_TYPES.flatMap((nativeType) =>
      [true, false].flatMap((list) =>
        [true, false].map(
          (isEnum): ScalarField => ({
            kind: 'scalar',
            column: 'c',
            type,
            isEnum,
            nativeType,
            precision: null,
            list,
            nullable: false,
          }),
        ),
      ),
    ),
  );

  test('which columns can be part of a tag or a scope', () => {
    const differing = fields.filter((field) => hasOneSpelling(field) !== (keyTypeOf(field) !== null));
    expect(differing).toEqual([]);
    expect(fields.filter(hasOneSpelling).length).toBeGreaterThan(10);
  });

  test('the finders that a repository has', () => {
    const methods = [ReadOnlyRepository, BaseRepository].flatMap((type) =>
      Object.getOwnPropertyNames(type.prototype),
    );
    expect([...FINDERS].sort()).toEqual(methods.filter((name) => name.startsWith('findBy')).sort());
  });
});
