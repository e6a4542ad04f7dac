import type { WriteRecord } from '../history.js';
import { Steps } from './steps.js';
import { NO_WRITE, type Timeline } from './timeline.js';
import { type Tolerance, type Tolerated, UNKNOWN_WRITE, type WriteTolerance } from './tolerance.js';

/** One read of a register. */
export interface Read {
  readonly process: number;
  readonly state: number;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** What was wrong with a read, or would have been if it had to be tolerated. */
export interface Finding {
  readonly kind: 'stale' | 'inversion' | 'uncommitted';
  readonly tolerated: Tolerated | null;
  /** The version read: the newest with that state whose write had begun. Null where there is none. */
  readonly version: number | null;
  /** The version that it had to see at least. */
  readonly expected: number | null;
  /** Since when that version had to be seen, but for what is tolerated. */
  readonly knownAt: number | null;
  /** The earlier read that returned that version; null where it was the write's acknowledgement that asked for it. */
  readonly seenBy: Read | null;
}

/** What the judge knows of all writes, by place. */
export interface JudgedWrites {
  readonly records: readonly WriteRecord[];
  readonly tolerances: readonly WriteTolerance[];
}

/**
 * Judges the reads of one register. It is fed them in the order in which they ended, so that all that ended before one
 * began has been fed already.
 *
 * Where a read's state was that of several versions, as "not there" is, it gets the benefit of the doubt: the newest of
 * them whose write had begun before the read ended, and, as evidence against later reads, the oldest that was possible.
 */
export class RegisterJudge {
  readonly #timeline: Timeline;
  readonly #writes: JudgedWrites;
  readonly #lagNs: number;
  /** Versions by when they were acknowledged; had to be seen by all; had to be seen by their own process. */
  readonly #acknowledged: Steps<null>;
  readonly #due: Steps<null>;
  readonly #dueForOwn = new Map<number, Steps<null>>();
  /** Versions by when a read had returned them. */
  readonly #returned = new Steps<Read>();
  /** Of each version, the highest up to there for whose write a fence stood. */
  readonly #fenced: readonly number[];

  constructor(timeline: Timeline, writes: JudgedWrites, tolerance: Tolerance) {
    this.#timeline = timeline;
    this.#writes = writes;
    this.#lagNs = tolerance.lagNs;
    const versions = Array.from({ length: timeline.newest }, (_, index) => index + 1);
    let fenced = 0;
    this.#fenced = [
      0,
      ...versions.map((version) => {
        if (this.#toleranceOf(version).unfenced === null) fenced = version;
        return fenced;
      }),
    ];
    const stepsBy = (moment: (version: number) => number, of = versions): Steps<null> => {
      const steps = new Steps<null>();
      const known = of.filter((version) => moment(version) < Number.POSITIVE_INFINITY);
      known.sort((a, b) => moment(a) - moment(b));
      for (const version of known) steps.push(moment(version), version, null);
      return steps;
    };
    this.#acknowledged = stepsBy((version) => this.#acknowledgedAt(version));
    this.#due = stepsBy((version) => this.#toleranceOf(version).from);
    if (this.#lagNs > 0) {
      for (const process of new Set(writes.records.map((write) => write.process))) {
        const own = versions.filter((version) => this.#recordOf(version)?.process === process);
        this.#dueForOwn.set(
          process,
          stepsBy((version) => this.#toleranceOf(version).ownFrom, own),
        );
      }
    }
  }

  /** Takes in a read; says what was wrong with it, or null. */
  judge(read: Read): Finding | null {
    const { begunAt, endedAt, process } = read;
    const versions = this.#timeline.versionsOf(read.state);
    const version = this.#newestPossible(versions, endedAt);
    if (version === null) {
      return { kind: 'uncommitted', tolerated: null, version, expected: null, knownAt: null, seenBy: null };
    }
    const due = Math.max(
      this.#due.versionBefore(begunAt),
      this.#dueForOwn.get(process)?.versionBefore(begunAt) ?? 0,
    );
    const returned = this.#returned.versionBefore(begunAt);
    const certain = Math.max(due, this.#fenced[returned] ?? 0);
    this.#takeDown(read, versions, this.#lagNs > 0 ? due : certain);
    if (version < due) {
      // Of the writes that are due, those that told whoever remembers the row that was read.
      const told = this.#newestDue(version, this.#timeline.lastOfRow(version), read);
      if (told !== null) return this.#stale(version, told, null);
      const missed = this.#toleranceOf(this.#timeline.lastOfRow(version));
      return this.#stale(version, due, missed.reason ?? missed.unfenced ?? 'around');
    }
    const inversion = version < returned ? this.#inversion(read, version) : null;
    if (inversion?.tolerated === null) return inversion;
    const acknowledged = this.#acknowledged.versionBefore(begunAt);
    if (version >= acknowledged) return inversion;
    return this.#stale(version, acknowledged, this.#toleranceOf(acknowledged).reason ?? 'around');
  }

  /** The newest version after one, up to another, that this read had to see. */
  #newestDue(version: number, last: number, { begunAt, process }: Read): number | null {
    for (let at = last; at > version; at -= 1) {
      const { from, ownFrom } = this.#toleranceOf(at);
      if ((this.#recordOf(at)?.process === process ? ownFrom : from) <= begunAt) return at;
    }
    return null;
  }

  #stale(version: number, expected: number, tolerated: Tolerated | null): Finding {
    const knownAt = this.#acknowledgedAt(expected);
    return { kind: 'stale', tolerated, version, expected, knownAt, seenBy: null };
  }

  #inversion({ begunAt }: Read, version: number): Finding {
    const newest = this.#returned.before(begunAt);
    const overdue = this.#lagNs > 0 ? this.#returned.before(begunAt - this.#lagNs) : newest;
    const excuse = overdue === null ? null : this.#excuse(version, overdue.version);
    const tolerated = excuse === 'none' ? null : (excuse ?? 'eventual');
    const shown = tolerated === null ? overdue : newest;
    const [expected, seenBy] = [shown?.version ?? 0, shown?.reason ?? null];
    return { kind: 'inversion', tolerated, version, expected, knownAt: seenBy?.endedAt ?? null, seenBy };
  }

  /** Why a read of one version may follow one of a higher; 'none' where it may not, null where it is not higher. */
  #excuse(version: number, higher: number): Tolerated | 'none' | null {
    if (higher <= version) return null;
    let excuse: Tolerated | null = null;
    const last = Math.min(higher, this.#timeline.lastOfRow(version));
    for (let missed = version + 1; missed <= last; missed += 1) {
      const { unfenced, fenceLost } = this.#toleranceOf(missed);
      if (unfenced === null && !fenceLost) return 'none';
      excuse = unfenced ?? 'lostFence';
    }
    return excuse;
  }

  /** A read is evidence from its end on: of the oldest version that it can have seen. */
  #takeDown(read: Read, versions: readonly number[], atLeast: number): void {
    for (let at = firstAtLeast(versions, atLeast); at < versions.length; at += 1) {
      const version = versions[at] ?? 0;
      if (this.#begunAt(version) >= read.endedAt) continue;
      this.#returned.push(read.endedAt, version, read);
      return;
    }
  }

  #newestPossible(versions: readonly number[], endedAt: number): number | null {
    for (let at = versions.length - 1; at >= 0; at -= 1) {
      const version = versions[at] ?? 0;
      if (this.#begunAt(version) < endedAt) return version;
    }
    return null;
  }

  #recordOf(version: number): WriteRecord | undefined {
    const write = this.#timeline.writeOf(version);
    return write === NO_WRITE ? undefined : this.#writes.records[write];
  }

  #toleranceOf(version: number): WriteTolerance {
    return this.#writes.tolerances[this.#timeline.writeOf(version)] ?? UNKNOWN_WRITE;
  }

  #begunAt(version: number): number {
    return this.#recordOf(version)?.begunAt ?? Number.NEGATIVE_INFINITY;
  }

  #acknowledgedAt(version: number): number {
    const write = this.#recordOf(version);
    return write?.outcome === 'acknowledged' ? write.endedAt : Number.POSITIVE_INFINITY;
  }
}

/** The place of the first of these ascending numbers that is not below `least`. */
function firstAtLeast(ascending: readonly number[], least: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Number.POSITIVE_INFINITY) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
