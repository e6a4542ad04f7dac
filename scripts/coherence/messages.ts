import type { AdapterOptions, Answers } from './adapters/adapter.js';
import type { Failure, ReadColumns, Stall, WriteRecord } from './history.js';

/** What a process of a check is told when it starts. */
export interface WorkerTask {
  readonly type: 'task';
  /** Its place among the processes. */
  readonly process: number;
  /** How often the process in this place was started before. */
  readonly incarnation: number;
  readonly adapter: AdapterOptions;
  readonly keys: number;
  readonly readers: number;
  readonly writers: number;
  /** How long a writer rests between two writes, on average. */
  readonly pauseMs: number;
  /** How many reads come before each write, at least. */
  readonly readsPerWrite: number;
  /** How many reads a second it makes at most. */
  readonly rate: number;
  /** Kinds of writes that are left out. */
  readonly leftOut: readonly string[];
  readonly seed: number;
}

export type ToWorker =
  | WorkerTask
  /** Begin the load. With what `process.hrtime.bigint()` said when the first process was told to. */
  | { readonly type: 'go'; readonly clockBase: bigint }
  | { readonly type: 'stop' }
  /** Read every register once, and say what each holds. */
  | { readonly type: 'look' }
  | { readonly type: 'end' };

/** The beginning of a write, told before it is made: its process may be killed before it can tell the end. */
export type WriteBegun = Pick<WriteRecord, 'mark' | 'kind' | 'around' | 'begunAt'>;
export type WriteEnded = Pick<WriteRecord, 'mark' | 'endedAt' | 'outcome' | 'deleted' | 'undone'>;

/** A register and the state that it was seen in; -1 where it could not be read. */
export type Sighting = readonly [register: number, state: number];

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'reads'; readonly reads: ReadColumns; readonly answers: Answers }
  | { readonly type: 'writeBegun'; readonly write: WriteBegun }
  | { readonly type: 'writeEnded'; readonly write: WriteEnded }
  | { readonly type: 'stall'; readonly stall: Stall }
  | { readonly type: 'failure'; readonly failure: Omit<Failure, 'process'> }
  | { readonly type: 'stopped'; readonly answers: Answers }
  | { readonly type: 'looked'; readonly sightings: readonly Sighting[] };
