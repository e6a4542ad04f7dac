/** How many slots the keys of a cluster are divided among. */
export const SLOTS = 16_384;

// CRC-16/XMODEM, which the specification of Redis Cluster prescribes: polynomial 0x1021, from 0.
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

/** The slot of a key: that of what stands between its first brace and the next closing one, if anything does. */
export function slotOf(key: string): number {
  const bytes = Buffer.from(hashed(key));
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (TABLE[(crc >> 8) ^ byte] ?? 0);
  return crc % SLOTS;
}

function hashed(key: string): string {
  const open = key.indexOf('{');
  if (open < 0) return key;
  const close = key.indexOf('}', open + 1);
  return close <= open + 1 ? key : key.slice(open + 1, close);
}
