import type { RedisLink } from './redis-link.js';
import type { EntryKey, ReadOutcome, Scope, Versions } from './shared-store.js';

const ABSENT: ReadOutcome = Object.freeze({ kind: 'absent' });

const VALUE = 'V'.charCodeAt(0);
const NONE = 'N'.charCodeAt(0);

/** From which share of hits on the one command is tried first. What is then missing costs a second round trip. */
export const WORTH_IT = 0.75;
/** Over so many of the last keys, about, the share is taken. */
const MEMORY = 64;

/** What one command found: null for each entry of which only a script can say more. */
export interface PlainReply {
  readonly versions: Versions;
  readonly outcomes: readonly (ReadOutcome | null)[];
}

/**
 * Reads entries that are there with one MGET: a third of what the script costs Redis. That is enough for them. A fence gives its
 * guards versions that nothing has, and takes its entries away; while it stands nothing is leased under it. So what is there,
 * and bears the versions of this moment, was put there after the last fence of it had gone.
 */
export class PlainReads {
  readonly #link: RedisLink;
  readonly #worthIt: number;
  readonly #shares = new WeakMap<Scope, number>();
  #isAllowed = true;

  constructor(link: RedisLink, worthIt: number) {
    this.#link = link;
    this.#worthIt = worthIt;
  }

  /** Whether most of what was asked for lately under these guards was there. */
  areWorthIt(scope: Scope): boolean {
    return (
      this.#isAllowed && isReadable(this.#link, scope) && (this.#shares.get(scope) ?? 0) >= this.#worthIt
    );
  }

  /** Takes note of what was there. */
  note(scope: Scope, outcomes: readonly (ReadOutcome | null)[]): void {
    const share = this.#shares.get(scope) ?? 0;
    let hits = 0;
    for (const outcome of outcomes) if (outcome?.kind === 'hit' || outcome?.kind === 'absent') hits += 1;
    const weight = Math.min(1, outcomes.length / MEMORY);
    this.#shares.set(scope, share + (hits / outcomes.length - share) * weight);
  }

  /** Null where the user may not use the command. */
  async read({ guards, absence, shape }: Scope, keys: readonly EntryKey[]): Promise<PlainReply | null> {
    const versionKeys = guards.map((guard) => guard.version);
    if (absence !== null) versionKeys.push(absence.version);
    const found = await this.#getAll([...versionKeys, ...keys]);
    if (found === null) return null;
    const entries = found.slice(versionKeys.length);
    const current = found.slice(0, guards.length);
    if (current.includes(null)) {
      return { versions: { prefix: '', absence: '' }, outcomes: entries.map(() => null) };
    }
    const prefix = Buffer.concat([...(current as Buffer[]), Buffer.from(shape)]);
    const missing = (absence === null ? null : found[guards.length]) ?? null;
    return {
      versions: { prefix: prefix.toString(), absence: missing?.toString() ?? '' },
      outcomes: entries.map((entry) => this.#outcomeOf(entry, prefix, missing)),
    };
  }

  async #getAll(keys: readonly string[]): Promise<readonly (Buffer | null)[] | null> {
    try {
      return (await this.#link.getAll?.(keys)) ?? null;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOPERM'))) throw error;
      this.#isAllowed = false;
      return null;
    }
  }

  #outcomeOf(entry: Buffer | null, prefix: Buffer, missing: Buffer | null): ReadOutcome | null {
    if (entry === null || !bears(entry, prefix, 1)) return null;
    const at = 1 + prefix.length;
    if (entry[0] === VALUE) {
      const stored = entry.subarray(at);
      return { kind: 'hit', value: this.#link.decodeValue?.(stored) ?? stored };
    }
    const isAbsent = entry[0] === NONE && missing !== null && entry.length === at + missing.length;
    return isAbsent && bears(entry, missing, at) ? ABSENT : null;
  }
}

/** The versions of a rule are in a hash, which this command does not read. */
function isReadable({ getAll }: RedisLink, { guards }: Scope): boolean {
  return getAll !== undefined && guards.at(-1)?.rule === undefined;
}

/** Whether these bytes stand there. A loop: so few are compared faster by it than by a call out of JavaScript. */
function bears(entry: Buffer, bytes: Buffer, from: number): boolean {
  if (entry.length < from + bytes.length) return false;
  for (let at = 0; at < bytes.length; at += 1) if (entry[from + at] !== bytes[at]) return false;
  return true;
}
