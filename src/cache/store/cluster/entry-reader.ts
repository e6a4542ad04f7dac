import { newEpoch } from '../../epoch.js';
import { EACH_CLUSTER_ENTRY, EACH_CLUSTER_FILL, EACH_CLUSTER_VERSION, EACH_GUARD } from '../each-scripts.js';
import { unexpectedAnswer } from '../redis-answers.js';
import type { ScriptArgument } from '../redis-link.js';
import {
  type EntryKey,
  type Fill,
  fencesOf,
  type Guard,
  type ReadOutcome,
  type ReadReply,
  type Scope,
  type Versions,
} from '../shared-store.js';
import type { Router } from './router.js';
import type { Survey } from './survey.js';

const FENCED: ReadOutcome = Object.freeze({ kind: 'fenced' });
const BUSY: ReadOutcome = Object.freeze({ kind: 'busy' });
const LEASE: ReadOutcome = Object.freeze({ kind: 'lease' });
const ABSENT: ReadOutcome = Object.freeze({ kind: 'absent' });
/** It hangs on other versions than those that were guessed. */
const OTHER = 'other';

// As in redis-store.ts: longer than any lease.
const NEW_VERSION_MS = '60000';
// How much longer a version is kept than what hangs on it; one that went too early would only cost hits.
const KEPT_LONGER_MS = 60_000;

/** The guards of a scope at some moment during a read. */
interface Standing {
  readonly versions: Versions;
  /** A writer is changing something under them. */
  readonly fenced: boolean;
}

/** What a server has to say about an entry. */
type Look = ReadOutcome | typeof OTHER | { readonly kind: 'absentUnder'; readonly version: string };

const NOT_KNOWN: Standing = Object.freeze({
  versions: Object.freeze({ prefix: '', absence: '' }),
  fenced: true,
});

/**
 * Reads and fills entries whose guards are on other servers.
 *
 * Entries are asked for at the same time as the versions of their guards, which are guessed to be those of the last read. The
 * order in which the servers answer is of no consequence: a value was loaded after the versions that it bears were read, so if
 * they are current at some moment of the read, nothing has changed under them in between; and its key was not written until it
 * was read. So it is what the database held at a moment within the read: at the earlier of the two, or when it was loaded.
 * For the same reason a fill need not look at the guards: who reads the value does.
 */
export class EntryReader {
  readonly #router: Router;
  readonly #survey: Pick<Survey, 'admissions'>;
  readonly #guesses = new WeakMap<Scope, Versions>();

  constructor(router: Router, survey: Pick<Survey, 'admissions'>) {
    this.#router = router;
    this.#survey = survey;
  }

  async read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    const { admissions } = this.#survey;
    const reply = await this.#read(scope, keys, token, leaseMs);
    return admissions === this.#survey.admissions ? reply : withoutValues(reply);
  }

  async #read(scope: Scope, keys: readonly EntryKey[], token: string, leaseMs: number): Promise<ReadReply> {
    const guess = this.#guesses.get(scope);
    const ask = (of: readonly EntryKey[], versions: Versions, known: boolean) =>
      this.#look(scope, of, versions, { token, leaseMs, known });
    const [standing, looks] = await Promise.all([
      this.#standing(scope),
      guess === undefined ? keys.map((): Look => OTHER) : ask(keys, guess, false),
    ]);
    const { versions } = standing;
    if (standing.fenced) {
      if (guess !== undefined) this.#giveBack(scope, keys, looks, token, guess);
      return { versions, outcomes: keys.map(() => FENCED) };
    }
    this.#guesses.set(scope, versions);
    const right = guess?.prefix === versions.prefix;
    // A lease under a wrong guess is the caller's own, and is replaced.
    const outcomes = looks.map((look) => (right ? outcomeOf(look, versions.absence) : null));
    const open = keys.filter((_, place) => outcomes[place] === null);
    if (open.length === 0) return { versions, outcomes: outcomes as ReadOutcome[] };
    const again = (await ask(open, versions, true)).map(
      (look) => outcomeOf(look, versions.absence) ?? FENCED,
    );
    return { versions, outcomes: outcomes.map((outcome) => outcome ?? again.shift() ?? FENCED) };
  }

  async fill(scope: Scope, fills: readonly Fill[]): Promise<number> {
    const longest = Math.max(0, ...fills.map(({ value, ttlMs }) => (value === null ? 0 : ttlMs)));
    const keeping = longest === 0 ? null : this.#keep(scope, longest);
    // What is absent under another version than now would be there for nothing, and hold the lease's place.
    const absence = fills.some(({ value }) => value === 'absent') ? (await keeping)?.absence : undefined;
    const isOld = ({ value, versions }: Fill): boolean => value === 'absent' && versions.absence !== absence;
    const [stored, current] = await Promise.all([
      this.#router.runEach({
        script: EACH_CLUSTER_FILL,
        common: [],
        items: fills.map((fill) => ({ keys: [fill.key], args: contentOf(fill, isOld(fill)) })),
      }),
      keeping,
    ]);
    // What was stored under versions that have changed since is as good as not stored: nobody takes it for valid.
    return fills.filter(
      ({ value, versions }, place) =>
        stored[place] === 1 && (value === null || current === null || versions.prefix === current.prefix),
    ).length;
  }

  /** Versions that are missing are made. */
  async #standing({ guards, absence, shape }: Scope): Promise<Standing> {
    const all = absence === null ? guards : [...guards, absence];
    const answers = await this.#router.runEach({
      script: EACH_GUARD,
      common: [NEW_VERSION_MS],
      items: all.map(({ version, fences, rule = '' }) => ({
        keys: [version, fences],
        args: [newEpoch(), rule],
      })),
      inTime: true,
      whileMoving: null,
    });
    if (answers.includes(null)) return NOT_KNOWN;
    const states = answers.map((answer) => {
      if (!Array.isArray(answer)) throw unexpectedAnswer('guard', answer);
      return { version: String(answer[0]), fenced: answer[1] === 1 };
    });
    const ofGuards = states.slice(0, guards.length);
    const ofAbsence = states[guards.length];
    return {
      versions: {
        prefix: ofGuards.map(({ version }) => version).join('') + shape,
        absence: ofAbsence === undefined || ofAbsence.fenced ? '' : ofAbsence.version,
      },
      fenced: ofGuards.some(({ fenced }) => fenced),
    };
  }

  async #look(
    { keyed }: Scope,
    keys: readonly EntryKey[],
    { prefix, absence }: Versions,
    { token, leaseMs, known }: { readonly token: string; readonly leaseMs: number; readonly known: boolean },
  ): Promise<readonly Look[]> {
    const answers = await this.#router.runEach({
      script: EACH_CLUSTER_ENTRY,
      common: [token, String(leaseMs), prefix, absence, known ? '1' : '0'],
      items: keys.map((key) => ({ keys: keyed ? [key, fencesOf(key)] : [key], args: [] })),
      inTime: true,
      whileMoving: MOVING,
    });
    const valueAt = 1 + Buffer.byteLength(prefix);
    return answers.map((answer) => lookOf(answer, valueAt));
  }

  /** Keeps the versions for longer than what hangs on them, and gives them: what is missing is empty. */
  async #keep({ guards, absence, shape }: Scope, ttlMs: number): Promise<Versions> {
    const kept: readonly Guard[] = absence === null ? guards : [...guards, absence];
    const versions = await this.#router.runEach({
      script: EACH_CLUSTER_VERSION,
      common: [String(ttlMs + KEPT_LONGER_MS)],
      items: kept.map(({ version, rule = '' }) => ({ keys: [version], args: [rule] })),
    });
    const all = versions.map(String);
    return { prefix: all.slice(0, guards.length).join('') + shape, absence: all[guards.length] ?? '' };
  }

  /** So that nobody waits for a lease that nobody fills. Where it fails, they wait until it expires. */
  #giveBack(
    scope: Scope,
    keys: readonly EntryKey[],
    looks: readonly Look[],
    token: string,
    versions: Versions,
  ): void {
    const leased = keys.filter((_, place) => looks[place] === LEASE);
    if (leased.length === 0) return;
    const fills = leased.map((key): Fill => ({ key, token, versions, value: null, ttlMs: 0 }));
    this.fill(scope, fills).catch(() => undefined);
  }
}

/** What `each-cluster-fill.lua` is told of a fill; `givesBack`: it is to be none. */
function contentOf({ token, versions, value, ttlMs }: Fill, givesBack: boolean): readonly ScriptArgument[] {
  const kind = value === null || givesBack ? '' : value === 'absent' ? 'N' : 'V';
  const content = kind === 'N' ? versions.absence : kind === 'V' ? (value ?? '') : '';
  return [token, versions.prefix, kind, String(ttlMs), content];
}

/** Of what a server says that nobody has seen before, nothing is believed: it is to be asked again. */
function withoutValues({ versions, outcomes }: ReadReply): ReadReply {
  return {
    versions,
    outcomes: outcomes.map((outcome) =>
      outcome.kind === 'hit' || outcome.kind === 'absent' ? BUSY : outcome,
    ),
  };
}

const MOVING = Buffer.from('F');

function lookOf(answer: unknown, valueAt: number): Look {
  if (!Buffer.isBuffer(answer)) throw unexpectedAnswer('read', answer);
  switch (String.fromCharCode(answer[0] ?? 0)) {
    case 'V':
      return { kind: 'hit', value: answer.subarray(valueAt) };
    case 'N':
      return { kind: 'absentUnder', version: answer.toString('utf8', valueAt) };
    case 'F':
      return FENCED;
    case 'B':
      return BUSY;
    case 'L':
      return LEASE;
    default:
      return OTHER;
  }
}

/** Null where another look is needed, now that the versions are known. */
function outcomeOf(look: Look, absence: string): ReadOutcome | null {
  if (look === OTHER) return null;
  if (look.kind !== 'absentUnder') return look;
  if (absence === '') return FENCED;
  return look.version === absence ? ABSENT : null;
}
