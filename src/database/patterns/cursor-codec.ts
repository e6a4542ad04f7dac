import { createHmac, timingSafeEqual } from 'node:crypto';
import { InvalidArgumentError } from '../../errors.js';
import { CursorError } from './errors.js';
import type { KeyValues } from './keyset-predicate.js';

/** A place between two rows of a query. */
export interface CursorPosition {
  /** The order's columns in the row at this place, as PostgreSQL writes them. */
  readonly values: KeyValues;
  /** Whether a page from here begins with that row rather than with the next. */
  readonly inclusive: boolean;
}

/*
 * A cursor is base64url of: version (1 byte), HMAC-SHA256 (32 bytes), fingerprint of the query (16 bytes), and
 * [inclusive, ...values] as JSON. The HMAC covers the version and what follows. A cursor is signed, not encrypted: its
 * holder can read the values of the row's order columns.
 */
const VERSION = 1;
const SIGNATURE_BYTES = 32;
export const FINGERPRINT_BYTES = 16;
const HEADER_BYTES = 1 + SIGNATURE_BYTES + FINGERPRINT_BYTES;
/** Bounds the work that a stranger can cause. An index entry, and so a unique key, has at most 2,704 bytes. */
const MAX_CURSOR_LENGTH = 65_536;
const MIN_SECRET_BYTES = 16;

/** Makes cursors and reads them back. What was not made with one of its secrets is refused. */
export class CursorCodec {
  readonly #keys: readonly Buffer[];

  /**
   * @param secrets the first signs, all are accepted, so that a secret can be replaced; 16 bytes at least
   * @throws InvalidArgumentError when there is no secret or one is too short
   */
  constructor(secrets: readonly (string | Uint8Array)[]) {
    if (secrets.length === 0) throw new InvalidArgumentError('Cursors need a secret to be signed with.');
    for (const secret of secrets) {
      if (Buffer.from(secret).length >= MIN_SECRET_BYTES) continue;
      throw new InvalidArgumentError(`A secret for cursors has at least ${MIN_SECRET_BYTES} bytes.`);
    }
    // Derived, so that a secret that also serves elsewhere gives no signature that means anything there.
    this.#keys = secrets.map((secret) => createHmac('sha256', secret).update('holdfast cursor').digest());
  }

  /** @throws InvalidArgumentError when the row's values are too long for a cursor */
  encode(position: CursorPosition, fingerprint: Uint8Array): string {
    const payload = Buffer.from(JSON.stringify([position.inclusive, ...position.values]));
    const body = Buffer.concat([fingerprint, payload]);
    const signature = this.#sign(this.#keys[0] ?? Buffer.alloc(0), body);
    const cursor = Buffer.concat([Buffer.of(VERSION), signature, body]).toString('base64url');
    if (cursor.length > MAX_CURSOR_LENGTH) {
      throw new InvalidArgumentError('The columns ordered by hold values too long for a cursor.');
    }
    return cursor;
  }

  /** @throws CursorError unless this codec made exactly this text, for a query of this fingerprint */
  decode(cursor: string, fingerprint: Uint8Array): CursorPosition {
    if (typeof cursor !== 'string' || cursor.length > MAX_CURSOR_LENGTH) throw new CursorError('malformed');
    const bytes = Buffer.from(cursor, 'base64url');
    // Node skips what is not base64url and drops spare bits, so several texts would give the same bytes.
    if (bytes.length < HEADER_BYTES || bytes.toString('base64url') !== cursor)
      throw new CursorError('malformed');
    if (bytes[0] !== VERSION) throw new CursorError('version');
    const signature = bytes.subarray(1, 1 + SIGNATURE_BYTES);
    const body = bytes.subarray(1 + SIGNATURE_BYTES);
    if (!this.#keys.some((key) => timingSafeEqual(this.#sign(key, body), signature))) {
      throw new CursorError('signature');
    }
    if (!body.subarray(0, FINGERPRINT_BYTES).equals(fingerprint)) throw new CursorError('other-query');
    return positionFrom(body.subarray(FINGERPRINT_BYTES));
  }

  #sign(key: Buffer, body: Buffer): Buffer {
    return createHmac('sha256', key).update(Buffer.of(VERSION)).update(body).digest();
  }
}

/** The payload bears a signature already: what it holds was written by `encode`. */
function positionFrom(payload: Buffer): CursorPosition {
  const [inclusive, ...values] = JSON.parse(payload.toString()) as [boolean, ...(string | null)[]];
  return { inclusive, values };
}
