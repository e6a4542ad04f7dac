import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as layout from '../../../src/cache/codec/layout.js';
import { CODEC_VERSION, codec, createCodec } from '../../../src/cache/codec.js';
import { CodecError } from '../../../src/errors.js';

const PACKED = 0;
const DEFLATED = 1;

/** A varint of 2^28 - 1, the largest there is. */
const HUGE = [0xff, 0xff, 0xff, 0x7f];

function entry(...packed: readonly number[]): Uint8Array {
  return Uint8Array.from([CODEC_VERSION, PACKED, ...packed]);
}

function deflated(length: number, packed: Uint8Array): Uint8Array {
  const header = Buffer.from([CODEC_VERSION, DEFLATED, 0, 0, 0, 0]);
  header.writeUInt32BE(length, 2);
  return Buffer.concat([header, deflateRawSync(packed)]);
}

const latin1 = (text: string) => [...Buffer.from(text, 'latin1')];

function failure(bytes: Uint8Array, by = codec): CodecError {
  try {
    by.decode(bytes);
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error('It was decoded.');
}

describe('an entry is refused with a CodecError', () => {
  test('when it is of another version, or empty', () => {
    const bytes = codec.encode({ a: 1 });
    bytes[0] = CODEC_VERSION + 1;
    expect(failure(bytes).context).toEqual({ reason: 'version', version: CODEC_VERSION + 1 });
    expect(failure(new Uint8Array()).context).toEqual({ reason: 'version', version: null });
  });

  test('wherever it is cut short, and when a byte is left over', () => {
    const value = {
      text: 'some text',
      list: [1, 300, 70_000, 0.5, 2n, new Date(0)],
      bytes: new Uint8Array(3),
      deep: [{ a: null }],
    };
    for (const by of [codec, createCodec({ compressionThresholdBytes: 1 })]) {
      const bytes = by.encode([value, value, value]);
      for (let length = 0; length < bytes.length; length += 1) failure(bytes.subarray(0, length));
    }
    failure(Uint8Array.from([...createCodec({ compressionThresholdBytes: 0 }).encode(value), layout.NULL]));
  });

  test.each<[string, Uint8Array]>([
    ['a tag that means nothing', entry(0xff)],
    ['an unknown way to be packed', Uint8Array.from([CODEC_VERSION, 9, layout.NULL])],
    ['an array that claims 268 million elements', entry(layout.ARRAY, ...HUGE, 0, 0, 0)],
    ['a text that claims 268 million bytes', entry(layout.TEXT, ...HUGE, 0x61)],
    ['a text in Latin-1 that claims as many', entry(layout.TEXT_LATIN1, ...HUGE, 0x61)],
    ['a text in UTF-16 that claims as many', entry(layout.TEXT_UTF16, ...HUGE, 0x61)],
    ['Bytes that claim as many', entry(layout.BYTES, ...HUGE, 0x61)],
    ['a length that does not end', entry(layout.ARRAY, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['an object of a shape that was not given', entry(layout.SHORT_OBJECT)],
    ['an object of a far shape that was not given', entry(layout.OBJECT, ...HUGE)],
    ['keys that are fewer than promised', entry(layout.NEW_OBJECT, 2, 2, layout.SHORT_TEXT + 1, 0x61, 1, 1)],
    ['keys that are more than promised', entry(layout.NEW_OBJECT, 1, 4, 0x41, 0x61, 0x41, 0x62, 1)],
    ['keys that claim 268 million', entry(layout.NEW_OBJECT, ...HUGE, 1, 0x40, 1)],
    ['a key that comes twice', entry(layout.NEW_OBJECT, 2, 4, 0x41, 0x61, 0x41, 0x61, 1, 1)],
    ['a key that is no text', entry(layout.NEW_OBJECT, 1, 1, layout.NULL, 1)],
    ['a key that reaches beyond the keys', entry(layout.NEW_OBJECT, 1, 2, 0x43, 0x61, 0x61, 0x61, 1)],
    ['a big integer without digits', entry(layout.POSITIVE_BIG, 0)],
    ['a Decimal without digits', entry(layout.DECIMAL, 0)],
    ['a Decimal to another base', entry(layout.DECIMAL, 4, ...latin1('0x1f'))],
    ['a Decimal of ten million digits', entry(layout.DECIMAL, 10, ...latin1('1e+9999999'))],
    ['a Decimal just beyond numeric', entry(layout.DECIMAL, 9, ...latin1('1e+131073'))],
    ['deflated bytes that are none', Uint8Array.from([CODEC_VERSION, DEFLATED, 0, 0, 0, 9, 1, 2, 3, 4])],
    ['deflated bytes without their length', Uint8Array.from([CODEC_VERSION, DEFLATED, 0])],
    ['deflated bytes that are fewer than promised', deflated(5, Buffer.from([layout.NULL]))],
    ['deflated bytes that are more than promised', deflated(1, Buffer.from([layout.NULL, layout.NULL]))],
    ['deflated bytes that promise four gigabytes', deflated(0xffff_ffff, Buffer.alloc(50))],
  ])('when it holds %s', (_name, bytes) => {
    expect(failure(bytes).code).toBe('CODEC');
  });

  test('when it nests a million levels deep', () => {
    failure(Buffer.concat([entry(), Buffer.alloc(1_000_000, layout.SHORT_ARRAY + 1)]));
  });

  test('when it nests deeply and the stack is nearly used up', () => {
    const deep = Buffer.concat([
      entry(),
      Buffer.alloc(900, layout.SHORT_ARRAY + 1),
      Buffer.from([layout.NULL]),
    ]);
    const attempt = (): string => {
      try {
        codec.decode(deep);
        return 'decoded';
      } catch (error) {
        if (error instanceof CodecError) return 'refused';
        throw error;
      }
    };
    // From where not even a call is possible, frame by frame back to where the decoder can begin.
    const fall = (): string => {
      try {
        return fall();
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return attempt();
      }
    };
    expect(fall()).toBe('refused');
    expect(attempt()).toBe('decoded');
  });
});

describe('a small entry that would become a large value is refused before it does', () => {
  const mebibyte = 1024 * 1024;

  test.each<[string, readonly number[], readonly number[]]>([
    ['empty objects', [layout.NEW_OBJECT, 0, 0], [layout.SHORT_OBJECT]],
    ['empty arrays', [layout.NULL], [layout.SHORT_ARRAY]],
    [
      'objects with an index for a key, each with room for fifteen hundred others',
      [layout.NEW_OBJECT, 1, 5, layout.SHORT_TEXT + 4, ...latin1('1023'), layout.NULL],
      [layout.SHORT_OBJECT, layout.NULL],
    ],
  ])('%s', (_name, first, repeated) => {
    const count = mebibyte;
    const length = [0x80 | (count & 0x7f), 0x80 | ((count >> 7) & 0x7f), count >> 14];
    const bytes = Buffer.concat([
      entry(layout.ARRAY, ...length, ...first),
      Buffer.alloc(2 * count, Uint8Array.from(repeated)),
    ]);
    const before = process.memoryUsage().heapUsed;
    const started = performance.now();
    expect(failure(bytes).message).toMatch(/memory/);
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(128 * mebibyte);
  });

  test('a shape that claims as many keys as fit in memory', () => {
    expect(failure(entry(layout.NEW_OBJECT, 0x80, 0x80, 0x80, 0x08, 1, 0x40, 1)).message).toMatch(
      /keys are missing/,
    );
  });

  test('deflated bytes that promise more than deflate can give', () => {
    expect(failure(deflated(30_000_000, Buffer.alloc(50))).message).toMatch(/too short/);
  });

  test('zeros that deflate shrank by a thousand', () => {
    const bomb = deflated(100 * mebibyte, Buffer.alloc(100 * mebibyte));
    expect(bomb.length).toBeLessThan(mebibyte);
    const before = process.memoryUsage().arrayBuffers;
    expect(failure(bomb).message).toMatch(/memory/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(mebibyte);
  });

  test('arrays in arrays that each claim all that is left', () => {
    const depth = 900;
    const claims = Array.from({ length: depth }, () => [layout.ARRAY, 0xff, 0xff, 0x3f]).flat();
    const bytes = Buffer.concat([entry(...claims), Buffer.alloc(mebibyte)]);
    expect(failure(bytes).message).toMatch(/memory/);
  });
});

test('a short text of a large entry does not keep the whole of it in memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rest = 'x'.repeat(500_000);
  const keep: unknown[] = [];
  collect();
  const before = process.memoryUsage().heapUsed;
  for (const length of [2, 6, 12, 13, 20, 36, 62, 64]) {
    const bytes = codec.encode({ text: 'y'.repeat(length), list: ['a', rest] });
    for (let time = 0; time < 10; time += 1) keep.push((codec.decode(bytes) as { text: string }).text);
  }
  collect();
  expect(keep).toHaveLength(80);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
});
