import { settle } from './settle.js';

/** One measurement of one side; gives its figure. */
export type Measurement = () => Promise<number>;

/** The figures of both sides, by round. */
export interface Rounds {
  readonly ours: readonly number[];
  readonly peer: readonly number[];
}

/**
 * Measures both sides in turns, each round after a collection of garbage, so that both meet the same machine: what else it
 * does, and how warm it is. Who begins changes with every round. Before the first round each side runs once for nothing, to
 * warm up.
 */
export async function interleaved(
  rounds: number,
  sides: { readonly ours: Measurement; readonly peer: Measurement },
): Promise<Rounds> {
  const figures: Record<keyof Rounds, number[]> = { ours: [], peer: [] };
  for (const side of ['ours', 'peer'] as const) await sides[side]();
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['ours', 'peer'] as const) : (['peer', 'ours'] as const);
    for (const side of order) {
      await settle();
      figures[side].push(await sides[side]());
    }
  }
  return figures;
}
