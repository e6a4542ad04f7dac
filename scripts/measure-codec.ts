import { performance } from 'node:perf_hooks';
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateRawSync,
  inflateRawSync,
} from 'node:zlib';
import { createCodec } from '../src/cache/codec.js';
import { approximateBytes, copyMutable } from '../src/cache/freeze.js';
import { CONTENDERS } from './measure-codec/contenders.js';
import { samples } from './measure-codec/samples.js';

/*
 * `npx tsx scripts/measure-codec.ts`: what it costs on this machine to keep values as bytes, by the codec and by other
 * ways; to compress them; and to share them from memory. Microseconds per value, the best of some rounds.
 */
const ROUNDS = 9;
const ROUND_MS = 40;
const WARM_UP_MS = 120;

const NAME_WIDTH = 34;

let kept: unknown;

/** Microseconds per call, in the best of some rounds, since other work on the machine can only slow one down. */
function cost(run: () => unknown): number {
  round(run, WARM_UP_MS);
  let best = Number.POSITIVE_INFINITY;
  for (let count = 0; count < ROUNDS; count += 1) best = Math.min(best, round(run, ROUND_MS));
  return best;
}

function round(run: () => unknown, milliseconds: number): number {
  const startedAt = performance.now();
  let calls = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let call = 0; call < 10; call += 1) kept = run();
    calls += 10;
    elapsed = performance.now() - startedAt;
  }
  return (elapsed / calls) * 1_000;
}

function line(name: string, ...cells: readonly (string | number)[]): void {
  const shown = cells.map((cell) =>
    (typeof cell === 'string' ? cell : cell.toLocaleString('en', { maximumSignificantDigits: 3 })).padStart(
      12,
    ),
  );
  console.log(name.padEnd(NAME_WIDTH) + shown.join(''));
}

function measureCodecs(): void {
  for (const [name, value] of samples()) {
    console.log();
    line(name, 'bytes', 'encode µs', 'decode µs');
    for (const contender of CONTENDERS) {
      try {
        const bytes = contender.encode(value);
        const encode = cost(() => contender.encode(value));
        line(
          contender.name,
          `${bytes.length}`,
          encode,
          cost(() => contender.decode(bytes)),
        );
      } catch {
        line(contender.name, 'cannot');
      }
    }
  }
}

type Compression = readonly [
  name: string,
  shrink: (bytes: Buffer) => Buffer,
  restore: (bytes: Buffer) => Buffer,
];

const COMPRESSIONS: readonly Compression[] = [
  ...[1, 3, 6].map(
    (level): Compression => [
      `deflate, level ${level}`,
      (bytes) => deflateRawSync(bytes, { level }),
      (bytes) => inflateRawSync(bytes),
    ],
  ),
  ...[0, 1, 2, 4].map(
    (quality): Compression => [
      `brotli, quality ${quality}`,
      (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
      (bytes) => brotliDecompressSync(bytes),
    ],
  ),
];

function measureCompression(): void {
  const codec = createCodec({ compressionThresholdBytes: 0 });
  for (const [name, value] of samples()) {
    const bytes = Buffer.from(codec.encode(value));
    if (bytes.length < 500) continue;
    console.log();
    line(`${name}, ${bytes.length} bytes`, 'of it left', 'shrink µs', 'restore µs');
    for (const [way, shrink, restore] of COMPRESSIONS) {
      const shrunk = shrink(bytes);
      const left = `${Math.round((100 * shrunk.length) / bytes.length)} %`;
      line(
        way,
        left,
        cost(() => shrink(bytes)),
        cost(() => restore(shrunk)),
      );
    }
  }
}

function measureSharing(): void {
  const codec = createCodec();
  console.log();
  line('from the near cache', 'bytes', 'weigh µs', 'own Bytes µs', 'own dates µs');
  for (const [name, sample] of samples()) {
    const value = codec.decode(codec.encode(sample));
    const weigh = cost(() => approximateBytes(value));
    line(
      name,
      `${approximateBytes(value)}`,
      weigh,
      cost(() => copyMutable(value)),
      cost(() => withOwnDates(value)),
    );
  }
}

/** What a hit would cost if each reader got dates of its own, instead of frozen ones that all share. */
function withOwnDates(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return new Date(value.getTime());
  if (Array.isArray(value)) {
    const items = value.map(withOwnDates);
    return items.every((item, index) => item === value[index]) ? value : Object.freeze(items);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(fields)) {
    const own = withOwnDates(fields[key]);
    if (own === fields[key]) continue;
    copy ??= { ...fields };
    copy[key] = own;
  }
  return copy === null ? value : Object.freeze(copy);
}

console.log(`Node ${process.version}, ${process.arch}`);
measureCodecs();
measureCompression();
measureSharing();
if (kept === undefined) console.log();
