import fc from 'fast-check';

const bit = fc.constantFrom('0', '1');
const byte = fc.integer({ min: 0, max: 255 });

/** Texts that fit into a column of this native type: of letters of all scripts, of nothing, and long ones. */
export function textValues(native: string | null, length: number | undefined): fc.Arbitrary<string> {
  switch (native) {
    case 'Uuid':
      return fc.uuid();
    case 'Inet':
      return fc.oneof(addresses, networks, fc.ipV6());
    case 'Bit':
      return bits(length ?? 1, length ?? 1);
    case 'VarBit':
      return bits(0, length ?? 70);
    case 'Xml':
      return fc
        .tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[\w äß漢🦊]{0,20}$/u))
        .map(([name, text]) => `<${name} a="1">${text}</${name}>`);
    case 'Char':
      return anyText(length ?? 1);
    case 'VarChar':
      return anyText(length ?? 300);
    default:
      return fc.oneof(
        { weight: 6, arbitrary: anyText(40) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('', ' ', "'", '"', '\\', '{}', 'NULL', '\u{10FFFF}', '\r\n\t'),
        },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 3_000 }).map((times) => '長い'.repeat(times)) },
      );
  }
}

/** Every character but NUL, which PostgreSQL cannot hold. */
function anyText(maxLength: number): fc.Arbitrary<string> {
  return fc
    .oneof(fc.string({ unit: 'grapheme-ascii', maxLength }), fc.string({ unit: 'binary', maxLength }))
    .map((text) => text.replaceAll('\0', '0'));
}

function bits(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: bit, minLength, maxLength });
}

const addresses = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const networks = fc
  .tuple(addresses, fc.integer({ min: 0, max: 32 }))
  .map(([address, size]) => `${address}/${size}`);
