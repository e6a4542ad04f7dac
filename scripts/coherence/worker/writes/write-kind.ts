import type { Hand } from '../hand.js';

/** One kind of write. */
export interface WriteKind {
  /** As people call it. */
  readonly name: string;
  /** How often it is made, in proportion to the others. */
  readonly weight: number;
  /** Whether it goes around the repositories. */
  readonly around: boolean;
  make(hand: Hand): Promise<void>;
}
