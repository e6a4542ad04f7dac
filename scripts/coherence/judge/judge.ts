import type { FaultWindow, History, WriteRecord } from '../history.js';
import { type LostWrite, lostWrites, WriteFinder } from './judged-writes.js';
import { Lags } from './lags.js';
import { mergeReads, type RegisterRead } from './merge-reads.js';
import { type Finding, type JudgedWrites, type Read, RegisterJudge } from './register-judge.js';
import { NO_WRITE, type Timeline } from './timeline.js';
import { timelinesOf } from './timelines.js';
import { TOLERATED, Tolerance, type Tolerated } from './tolerance.js';

export type ReadViolationKind = Finding['kind'];

/** What shows that a read was wrong: the fewest operations that do. */
export interface Example {
  readonly kind: ReadViolationKind;
  readonly register: number;
  readonly read: Read;
  readonly version: number | null;
  readonly expected: number | null;
  /** The state of the version that was expected. */
  readonly expectedState: number | null;
  /** The write of that version; of a value never committed, the one that rolled it back. Null where it is not known. */
  readonly write: WriteRecord | null;
  readonly seenBy: Read | null;
  /** Faults that were under way between the beginning of the write and the end of the read. */
  readonly faults: readonly FaultWindow[];
}

export interface Verdict {
  readonly reads: number;
  /** Writes that were acknowledged and changed something. */
  readonly writes: number;
  readonly violations: Readonly<Record<ReadViolationKind, number>>;
  /** Reads that would be violations but for a reason that the promises allow. */
  readonly tolerated: Readonly<Record<Tolerated, { readonly stale: Lags; readonly inversion: Lags }>>;
  readonly lost: readonly LostWrite[];
  /** By register, the write that left it as it is in the end; null where that is not known, or nothing wrote it. */
  readonly lastWrites: readonly (WriteRecord | null)[];
  /** Some violations of each kind, the first in each of some registers. */
  readonly examples: readonly Example[];
}

const EXAMPLES_PER_KIND = 5;

/**
 * Judges a run: each register by itself must behave as if every operation on it happened at one moment between its
 * invocation and its completion.
 */
export function judge(history: History, options: { readonly relayBoundMs?: number } = {}): Verdict {
  const { world, writes, ledger, faults, stalls, coherence } = history;
  const tolerance = new Tolerance({ coherence, faults, stalls, ...options });
  const finder = new WriteFinder(writes);
  const timelines = timelinesOf(world, history.before, ledger, (entries) => finder.find(entries));
  const judged: JudgedWrites = { records: writes, tolerances: writes.map((write) => tolerance.of(write)) };
  const registers = timelines.map((timeline) => new RegisterJudge(timeline, judged, tolerance));

  const violations = { stale: 0, inversion: 0, uncommitted: 0 };
  const tolerated = Object.fromEntries(
    TOLERATED.map((reason) => [reason, { stale: new Lags(), inversion: new Lags() }]),
  );
  const examples: Example[] = [];
  let reads = 0;
  for (const read of mergeReads(history.reads)) {
    // An owner is seen in a list, and is no read of its own.
    if (world.registers[read.register]?.view !== 'ownerOfProjects') reads += 1;
    const finding = registers[read.register]?.judge(read) ?? null;
    if (finding === null) continue;
    const excused = finding.tolerated === null ? undefined : tolerated[finding.tolerated];
    if (excused !== undefined && finding.kind !== 'uncommitted') {
      excused[finding.kind].add(read.begunAt - (finding.knownAt ?? read.begunAt));
      continue;
    }
    violations[finding.kind] += 1;
    const ofKind = examples.filter(({ kind }) => kind === finding.kind);
    // What one register shows once, it shows many times.
    if (ofKind.length >= EXAMPLES_PER_KIND || ofKind.some(({ register }) => register === read.register))
      continue;
    examples.push(exampleOf(history, read, finding, timelines[read.register]));
  }
  return {
    reads,
    writes: writes.filter(({ outcome }) => outcome === 'acknowledged').length,
    violations,
    tolerated: tolerated as Verdict['tolerated'],
    lastWrites: timelines.map((timeline) => writes[timeline.writeOf(timeline.newest)] ?? null),
    lost: lostWrites(writes, ledger, finder),
    examples,
  };
}

function exampleOf(
  { writes, faults }: History,
  read: RegisterRead,
  finding: Finding,
  timeline: Timeline | undefined,
): Example {
  const { kind, version, expected, seenBy } = finding;
  const place = expected === null ? NO_WRITE : (timeline?.writeOf(expected) ?? NO_WRITE);
  const write =
    kind === 'uncommitted' ? writes.find(({ undone }) => undone.includes(read.state)) : writes[place];
  const since = Math.min(write?.begunAt ?? read.begunAt, seenBy?.begunAt ?? read.begunAt);
  return {
    kind,
    register: read.register,
    read,
    version,
    expected,
    expectedState: expected === null ? null : (timeline?.stateOf(expected) ?? null),
    write: write ?? null,
    seenBy,
    faults: faults.filter(({ begunAt, endedAt }) => begunAt <= read.endedAt && endedAt >= since),
  };
}
