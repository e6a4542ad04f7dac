import type { World } from './world.js';

/*
 * All that is known of a run when it has ended, and that the judge goes by. Times are of the check's clock, in
 * nanoseconds.
 */

/**
 * Reads that one process made, in the order in which they ended, as columns: 20 bytes for each, since there are
 * millions.
 */
export interface ReadColumns {
  readonly register: Uint32Array;
  readonly state: Uint32Array;
  readonly endedAt: Float64Array;
  /** How long each took, in units of 16 ns, rounded up; what took over a minute counts as a minute. */
  readonly took: Uint32Array;
}

export const TOOK_UNIT_NS = 16;

/**
 * How a write ended. `nothing`: it was acknowledged and had nothing to change; `refused`: the row was not there, or the
 * value was taken, or a deadlock was broken; `rolledBack`: by its own wish; `unknown`: its process was killed meanwhile.
 */
export const OUTCOMES = ['acknowledged', 'nothing', 'refused', 'rolledBack', 'failed', 'unknown'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface WriteRecord {
  /** What it leaves in the rows that it writes; no other write has it. */
  readonly mark: number;
  readonly process: number;
  /** What kind of write, in people's words. */
  readonly kind: string;
  /** Whether it goes around the repositories, as raw SQL does. */
  readonly around: boolean;
  readonly begunAt: number;
  /** Infinity when its end is not known. */
  readonly endedAt: number;
  readonly outcome: Outcome;
  /** Last stamps of the rows that it deleted. */
  readonly deleted: readonly number[];
  /** Stamps that it gave to rows and rolled back. */
  readonly undone: readonly number[];
}

/** A row in the state that one transaction left it in, from the ledger. */
export interface LedgerEntry {
  readonly transaction: string;
  readonly table: 'project' | 'user';
  /** Its place in the world. */
  readonly place: number;
  readonly gone: boolean;
  /** Of a row that is gone, its last. */
  readonly stamp: number;
  readonly mark: string;
  /** Of a project: place of its owner. */
  readonly owner: number;
  /** Of a user. */
  readonly githubId: string;
  readonly email: string;
}

export const FAULT_KINDS = [
  'kill',
  'stop',
  'redis-restart',
  'redis-pause',
  'redis-flush',
  'partition',
  'pg-restart',
  'evict',
  'reshard',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Those that can be with one Redis, and those with a cluster. */
export function faultsOf(cluster: boolean): readonly FaultKind[] {
  return FAULT_KINDS.filter((kind) =>
    cluster ? kind !== 'partition' && kind !== 'evict' : kind !== 'reshard',
  );
}

export interface FaultWindow {
  readonly kind: FaultKind;
  /** What exactly was done. */
  readonly detail: string;
  /** The process that it befell; null where it befell a server. */
  readonly process: number | null;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** A process got no processor from then to then. */
export interface Stall {
  readonly begunAt: number;
  readonly endedAt: number;
}

/** A read or a write that rejected, where it should not have. */
export interface Failure {
  readonly process: number;
  readonly what: string;
  readonly code: string;
  readonly message: string;
  readonly begunAt: number;
  readonly endedAt: number;
}

/** How near caches follow the writes of other processes. */
export const COHERENCES = ['strict', 'eventual', 'off'] as const;
export type Coherence = (typeof COHERENCES)[number];

export interface History {
  readonly world: World;
  readonly coherence: Coherence;
  /** What every row was in when the load began, and then all that was committed, in the order of the commits. */
  readonly before: readonly LedgerEntry[];
  readonly ledger: readonly LedgerEntry[];
  readonly writes: readonly WriteRecord[];
  /** By process. */
  readonly reads: readonly (readonly ReadColumns[])[];
  readonly faults: readonly FaultWindow[];
  /** Of all processes. */
  readonly stalls: readonly Stall[];
}
