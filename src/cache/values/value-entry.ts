import { CodecError } from '../../errors.js';
import { changeOf, type Guard } from '../store/shared-store.js';
import type { GuardState } from '../store/value-store.js';

/** A guard as an entry names it, with the version that it had when the entry's value was begun. */
export type Hanging = readonly [version: string, current: string, rule?: string];

/** What an entry says of its value. */
export interface EntryHeader {
  /** What it hangs on. */
  readonly guards: readonly Hanging[];
  /** Stands for what rows of the models look like that it is computed from; absent where there are none. */
  readonly shape?: string;
  /** Its name, where its key is only a hash of it. */
  readonly name?: string;
  /** How long it took to compute; absent for one that was put. */
  readonly computeMs?: number;
  /** For how long after its time it may be answered while it is computed anew. */
  readonly staleMs?: number;
  /** For how long after its time it may be answered when it cannot be computed anew. */
  readonly graceMs?: number;
}

const END_OF_HEADER = 0x0a;

/** An entry is its header as a line of JSON, and the value as the codec writes it. */
export function encodeEntry(header: EntryHeader, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), value]);
}

/**
 * The parts of an entry.
 *
 * @throws CodecError when the bytes are none
 */
export function decodeEntry(bytes: Uint8Array): {
  readonly header: EntryHeader;
  readonly value: Uint8Array;
} {
  const end = bytes.indexOf(END_OF_HEADER);
  if (end < 0) throw new CodecError('These bytes are no entry of a named value: they have no header.');
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString();
  let header: unknown;
  try {
    header = JSON.parse(line);
  } catch (error) {
    throw new CodecError('These bytes are no entry of a named value: the header is no JSON.', {
      cause: error,
    });
  }
  if (!isHeader(header)) throw new CodecError('These bytes are no entry of a named value.');
  return { header, value: bytes.subarray(end + 1) };
}

/** The time after its own for which an entry is kept. */
export function extraMsOf({ staleMs = 0, graceMs = 0 }: EntryHeader): number {
  return Math.max(staleMs, graceMs);
}

/** The guards that an entry names. */
export function guardsOf({ guards }: EntryHeader): readonly Guard[] {
  return guards.map(([version, , rule]) =>
    rule === undefined
      ? { version, fences: `${version}:fence` }
      : { version, fences: `${version}:fence`, rule },
  );
}

/** What hangs on guards that are in this state. */
export function hangingOn(guards: readonly Guard[], states: ReadonlyMap<string, GuardState>): Hanging[] {
  return guards.map((guard): Hanging => {
    const current = states.get(changeOf(guard))?.version ?? '';
    return guard.rule === undefined ? [guard.version, current] : [guard.version, current, guard.rule];
  });
}

function isHeader(value: unknown): value is EntryHeader {
  return typeof value === 'object' && value !== null && Array.isArray(Reflect.get(value, 'guards'));
}
