import { createHash } from 'node:crypto';

/** The namespace of all ids that the demo gives out; drawn once at random. */
const demoNamespace = Buffer.from('8b0f3c1e5d4a4e0f9a6c2f7d1b3e5a90', 'hex');

/**
 * A UUID that is always the same for the same name (version 5, RFC 9562 section 5.5), so that a second import into
 * the same database finds the rows of the first.
 */
export function nameBasedId(name: string, namespace: Buffer = demoNamespace): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
