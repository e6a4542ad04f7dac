import type { ReadContext } from '../read-context.js';
import type { SampledEntries } from '../sampling/read-sampling.js';
import type { EntryKey, Guard } from '../store/shared-store.js';
import type { Writer } from '../writer.js';
import type { ValueNames } from './dependencies.js';

/** What named values stand on. */
export interface ValueContext {
  readonly read: ReadContext;
  readonly writer: Writer;
  readonly names: ValueNames & {
    /** The right to compute a value anew while the old one stands. */
    refresh(name: string): EntryKey;
    /** Whether the key of a name is only a hash of it. */
    isHashed(name: string): boolean;
  };
  /** For those of their hits that are noted as read; null for none. */
  readonly sampled: SampledEntries | null;
  /** What all of them hang on. */
  readonly root: readonly Guard[];
  tag(name: string): Guard;
  /** @throws WiringError when the schema has no such model */
  model(name: string): readonly Guard[];
  /** Stands for what rows of these models look like. */
  shapeOf(models: readonly string[]): string;
  /** Whether they may be in the memory of this process. */
  readonly near: boolean;
  readonly defaultTtlMs: number;
}
