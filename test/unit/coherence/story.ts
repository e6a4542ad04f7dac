import type {
  Coherence,
  FaultWindow,
  History,
  LedgerEntry,
  ReadColumns,
  Stall,
  WriteRecord,
} from '../../../scripts/coherence/history.js';
import { TOOK_UNIT_NS } from '../../../scripts/coherence/history.js';
import { judge, type Verdict } from '../../../scripts/coherence/judge/judge.js';
import { type View, World } from '../../../scripts/coherence/world.js';

/** The smallest world: two users with a project each, two projects and two guests that come and go. */
export const world = new World(2);

type Told = Partial<Omit<WriteRecord, 'mark' | 'begunAt' | 'endedAt'>>;

/** A history told by hand. Times are in microseconds, stamps as they come to mind. */
export class Story {
  readonly #before: LedgerEntry[] = [];
  readonly #ledger: LedgerEntry[] = [];
  readonly #writes: WriteRecord[] = [];
  readonly #faults: FaultWindow[] = [];
  readonly #stalls: Stall[] = [];
  readonly #reads: { process: number; register: number; state: number; begunAt: number; endedAt: number }[] =
    [];

  constructor() {
    for (const place of [0, 1]) {
      this.#before.push(this.user(place, 1 + place, '0'), this.project(place, 11 + place, '0'));
    }
  }

  /** A project as a write left it. */
  project(place: number, stamp: number, mark: string, gone = false): LedgerEntry {
    const owner = world.projects[place]?.owner ?? -1;
    return { transaction: '', table: 'project', place, gone, stamp, mark, owner, githubId: '', email: '' };
  }

  /** A user as a write left it; with its own values unless others are said. */
  user(
    place: number,
    stamp: number,
    mark: string,
    values: { githubId?: string; email?: string } = {},
  ): LedgerEntry {
    const { githubId = '', email = '' } = { ...world.users[place], ...values };
    return { transaction: '', table: 'user', place, gone: false, stamp, mark, owner: -1, githubId, email };
  }

  /** A write, with what it committed: entries that bear its mark. Acknowledged unless it is said otherwise. */
  write(
    mark: number,
    begunAt: number,
    endedAt: number,
    entries: readonly LedgerEntry[],
    told: Told = {},
  ): this {
    this.#writes.push({
      process: 0,
      kind: 'update',
      around: false,
      outcome: 'acknowledged',
      deleted: [],
      undone: [],
      ...told,
      mark,
      begunAt: begunAt * 1_000,
      endedAt: endedAt * 1_000,
    });
    return this.commit(String(mark), entries);
  }

  /** A transaction in the ledger, of a write that may be unknown. */
  commit(transaction: string, entries: readonly LedgerEntry[]): this {
    this.#ledger.push(...entries.map((entry) => ({ ...entry, transaction })));
    return this;
  }

  read(process: number, view: View, index: number, state: number, begunAt: number, endedAt: number): this {
    const register = world.register(view, index);
    this.#reads.push({ process, register, state, begunAt: begunAt * 1_000, endedAt: endedAt * 1_000 });
    return this;
  }

  fault(kind: FaultWindow['kind'], begunAt: number, endedAt: number, process: number | null = null): this {
    const window = { kind, detail: '', process, begunAt: begunAt * 1_000, endedAt: endedAt * 1_000 };
    this.#faults.push(window);
    return this;
  }

  stall(begunAt: number, endedAt: number): this {
    this.#stalls.push({ begunAt: begunAt * 1_000, endedAt: endedAt * 1_000 });
    return this;
  }

  judged(coherence: Coherence = 'strict'): Verdict {
    const processes = [0, 1, 2];
    const history: History = {
      world,
      coherence,
      before: this.#before,
      ledger: this.#ledger,
      writes: this.#writes,
      reads: processes.map((process) => this.#readsOf(process)),
      faults: this.#faults,
      stalls: this.#stalls,
    };
    return judge(history);
  }

  #readsOf(process: number): readonly ReadColumns[] {
    const reads = this.#reads
      .filter((read) => read.process === process)
      .sort((a, b) => a.endedAt - b.endedAt);
    return reads.map(({ register, state, begunAt, endedAt }) => ({
      register: Uint32Array.of(register),
      state: Uint32Array.of(state),
      endedAt: Float64Array.of(endedAt),
      took: Uint32Array.of(Math.ceil((endedAt - begunAt) / TOOK_UNIT_NS)),
    }));
  }
}

/** What a verdict comes to: only what is not zero. */
export function summary(verdict: Verdict): Record<string, number> {
  const { violations, tolerated, lost } = verdict;
  const figures = [
    ...Object.entries(violations),
    ...Object.entries(tolerated).flatMap(([reason, { stale, inversion }]): [string, number][] => [
      [`${reason} stale`, stale.count],
      [`${reason} inversion`, inversion.count],
    ]),
    ...(['lost', 'revived'] as const).map((kind): [string, number] => [
      kind,
      lost.filter((found) => found.kind === kind).length,
    ]),
  ];
  return Object.fromEntries(figures.filter(([, count]) => count > 0));
}
