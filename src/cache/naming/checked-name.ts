import { InvalidArgumentError } from '../../errors.js';

/** The longest name that an entry may have, in bytes of UTF-8. */
export const MAX_NAME_BYTES = 512 * 1024;

// The most that UTF-8 takes for one code unit.
const MAX_BYTES_PER_UNIT = 3;

/**
 * The name that a caller chose for an entry: any text that is not empty, `__proto__` and control characters included.
 *
 * @throws InvalidArgumentError when it is no text, empty, or longer than 512 KB
 */
export function checkedName(key: unknown): string {
  if (typeof key !== 'string') throw wrong(`A key must be text, not ${key === null ? 'null' : typeof key}.`);
  if (key === '') throw wrong('A key must not be empty.');
  if (key.length * MAX_BYTES_PER_UNIT > MAX_NAME_BYTES) {
    const bytes = Buffer.byteLength(key);
    if (bytes > MAX_NAME_BYTES) {
      throw wrong(`A key may have up to ${MAX_NAME_BYTES} bytes, not ${bytes}: hash what makes it so long.`);
    }
  }
  return key;
}

function wrong(message: string): InvalidArgumentError {
  return new InvalidArgumentError(message, { context: { argument: 'key' } });
}
