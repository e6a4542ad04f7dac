import type { RedisScript } from './scripts.js';

/** What a script is given beside its keys. */
export type ScriptArgument = string | Uint8Array;

/** A way to one Redis, however it is spoken to. Commands to one that is away fail at once. */
export interface RedisLink {
  /** Makes the first attempt to reach it; resolves also when it is away, and goes on trying. */
  open(): Promise<void>;
  close(): void;
  /** Resolves when it answers. */
  ping(): Promise<void>;
  /**
   * Runs a script whose keys are all on one server. Bulk strings of the answer are Buffers.
   *
   * @throws CacheUnavailableError when it is away
   */
  run(script: RedisScript, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>;
  /**
   * The texts under these keys by MGET, which are all on one server; null for what is missing, or no text. Only where a command
   * costs less than a script.
   */
  getAll?(keys: readonly string[]): Promise<readonly (Buffer | null)[]>;
  /**
   * How bytes are stored, and read again: only where they cannot be as they are. A link that speaks text stores what a script
   * is given as bytes as such a text.
   */
  encodeValue?(value: Uint8Array): string;
  decodeValue?(stored: Uint8Array): Uint8Array;
  /** True once: where this process never spoke to the server before, and the server has been up for long enough. */
  takeServerWasUp(): boolean;
}

/** The same work for each of many keys, of which a server does its part in one script. */
export interface EachCall {
  /** One that is written for it: see `lua/each.lua`. */
  readonly script: RedisScript;
  /** What it is given once, for all. */
  readonly common: readonly ScriptArgument[];
  /** The keys of one item are in one slot; all items have as many keys, and as many arguments. */
  readonly items: readonly {
    readonly keys: readonly string[];
    readonly args: readonly ScriptArgument[];
  }[];
  /** Whether a server that comes to it when nobody waits for the answer any more must refuse. @default false */
  readonly inTime?: boolean;
}

/** Runs one piece of work for many keys, in one round trip to each server that holds some of them. */
export interface EachRunner {
  /** The answers in the order of the items. Rejects when any server fails, whatever the others did. */
  runEach(call: EachCall): Promise<readonly unknown[]>;
  /**
   * The names of keys that begin with this, a bounded number at a time, in no order and perhaps twice; those that come and go
   * meanwhile may be missing.
   */
  scan(beginning: string): AsyncIterable<readonly string[]>;
}
