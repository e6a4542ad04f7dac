import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createCodec } from '../../src/cache/codec.js';
import { copyMutable, freezeDeep } from '../../src/cache/freeze.js';
import { CodecError } from '../../src/errors.js';
import { prismaValue } from './support/prisma-values.js';
import { isSame } from './support/same-value.js';

// `CODEC_RUNS=1000000 npx jest test/property/codec.test.ts` takes some minutes.
const RUNS = Number(process.env['CODEC_RUNS'] ?? 20_000);
const TIMEOUT_MS = 60_000 + RUNS;

const codecs = [
  createCodec({ compressionThresholdBytes: 0 }),
  createCodec({ compressionThresholdBytes: 64 }),
];
const anyCodec = fc.constantFrom(...codecs);

/** The value, or that it is none; any other error than CodecError fails the test. */
function outcome(bytes: Uint8Array): { readonly value: unknown } | 'refused' {
  try {
    return { value: codecs[0]?.decode(bytes) };
  } catch (error) {
    if (error instanceof CodecError) return 'refused';
    throw error;
  }
}

/** One change of one place: bytes overwritten, cut out, put in, or repeated. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  remove: fc.integer({ min: 0, max: 5 }),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 5 }),
    // Tags and lengths do more harm than noise.
    fc.array(fc.constantFrom(0x80, 0xa1, 0xc9, 0xcb, 0xcd, 0xce, 0xcf, 0xd0, 0xd1, 0xd2, 0xd3, 0xff, 0x7f), {
      maxLength: 6,
    }),
  ),
});

function changed(
  bytes: Uint8Array,
  changes: readonly { at: number; remove: number; insert: Iterable<number> }[],
) {
  let result = [...bytes];
  for (const { at, remove, insert } of changes) {
    const index = 2 + Math.floor(at * Math.max(0, result.length - 2));
    result = [...result.slice(0, index), ...insert, ...result.slice(index + remove)];
  }
  return Uint8Array.from(result);
}

describe('any value of the kinds that Prisma returns', () => {
  test(
    'is the same after it went through the codec',
    () => {
      fc.assert(
        fc.property(prismaValue, anyCodec, (value, codec) =>
          isSame(value, codec.decode(codec.encode(value))),
        ),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  test(
    'is the same when it is frozen, and when a reader gets a copy',
    () => {
      fc.assert(
        fc.property(prismaValue, anyCodec, (value, codec) => {
          const twin = codec.decode(codec.encode(value));
          return isSame(twin, freezeDeep(value)) && isSame(twin, copyMutable(twin));
        }),
        { numRuns: Math.min(RUNS, 5_000) },
      );
    },
    TIMEOUT_MS,
  );
});

describe('bytes that are no entry', () => {
  test(
    'are refused, or are a value that can be encoded again, when they are noise',
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 2), (noise, kind) => {
          const decoded = outcome(Uint8Array.from([2, kind, ...noise]));
          if (decoded !== 'refused') expect(codecs[0]?.encode(decoded.value)).toBeInstanceOf(Uint8Array);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );

  test(
    'are refused, or are a value that can be encoded again, when they were an entry before they were damaged',
    () => {
      const changes = fc.array(change, { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(prismaValue, anyCodec, changes, (value, codec, damage) => {
          const decoded = outcome(changed(codec.encode(value), damage));
          if (decoded === 'refused') return;
          const again = codecs[0]?.decode(codec.encode(decoded.value));
          expect(isSame(decoded.value, again)).toBe(true);
        }),
        { numRuns: RUNS },
      );
    },
    TIMEOUT_MS,
  );
});
