import { deserialize, serialize } from 'node:v8';
import { Decimal } from '@prisma/client/runtime/client';
import { addExtension, Packr } from 'msgpackr';
import { createCodec } from '../../src/cache/codec.js';
import { freezeDeep } from '../../src/cache/freeze.js';

/** A way to keep values as bytes, with all that a reader needs done: the kinds revived, the value frozen. */
export interface Contender {
  readonly name: string;
  encode(value: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

addExtension({
  Class: Decimal,
  type: 72,
  pack: (value: Decimal) => Buffer.from(value.toString(), 'latin1'),
  unpack: (bytes: Buffer) => new Decimal(bytes.toString('latin1')),
});
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'bigint' });
const recordPackr = new Packr({ useRecords: true, int64AsType: 'bigint' });

const codec = createCodec({ compressionThresholdBytes: 0 });
const compressing = createCodec({ compressionThresholdBytes: 1_024 });

export const CONTENDERS: readonly Contender[] = [
  {
    name: 'JSON, kinds lost, not frozen',
    encode: (value) =>
      Buffer.from(JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item))),
    decode: (bytes) => JSON.parse(bytes.toString()) as unknown,
  },
  {
    name: 'JSON with kinds',
    encode: (value) => Buffer.from(JSON.stringify(value, marked)),
    decode: (bytes) => freezeDeep(JSON.parse(bytes.toString(), revived) as unknown),
  },
  {
    name: 'v8.serialize',
    encode: (value) => serialize(value),
    decode: (bytes) => freezeDeep(deserialize(bytes) as unknown),
  },
  {
    name: 'msgpackr',
    encode: (value) => packr.pack(value),
    decode: (bytes) => freezeDeep(packr.unpack(bytes) as unknown),
  },
  {
    name: 'msgpackr with records',
    encode: (value) => recordPackr.pack(value),
    decode: (bytes) => freezeDeep(recordPackr.unpack(bytes) as unknown),
  },
  { name: 'holdfast', encode: (value) => codec.encode(value), decode: (bytes) => codec.decode(bytes) },
  {
    name: 'holdfast, compressed from 1 KB',
    encode: (value) => compressing.encode(value),
    decode: (bytes) => compressing.decode(bytes),
  },
];

/** What JSON has no word for, as an object with one key. `this` holds the value before its own `toJSON`. */
function marked(this: unknown, key: string, item: unknown): unknown {
  const original: unknown = Reflect.get(this as object, key);
  if (original instanceof Date) return { $date: original.getTime() };
  if (typeof original === 'bigint') return { $big: `${original}` };
  if (original instanceof Decimal) return { $decimal: `${original}` };
  return item;
}

function revived(_key: string, item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item;
  if ('$date' in item) return new Date(item.$date as number);
  if ('$big' in item) return BigInt(item.$big as string);
  if ('$decimal' in item) return new Decimal(item.$decimal as string);
  return item;
}
