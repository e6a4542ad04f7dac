import type { WriteEffects, WriteOperation } from '../../../../src/database/index.js';

/**
 * A write to the rows of rich-world.sql, and what it is known to touch: the effects as `shownEffects` shows them; then,
 * after "but not", the tables that the effects name and this example leaves alone; or the code with which Prisma refuses.
 */
export type HandPickedWrite = readonly [
  what: string,
  model: string,
  operation: WriteOperation,
  args: Readonly<Record<string, unknown>>,
  touches: string,
  spared?: string,
];

/** Such as `own row; Person appears, Post any, Group`. */
export function shownEffects({ ownRow, models }: WriteEffects): string {
  const shown = models.map(
    ({ model, rows, appears }) => `${model}${rows === 'any' ? ' any' : ''}${appears ? ' appears' : ''}`,
  );
  return `${ownRow ? 'own row; ' : ''}${shown.sort().join(', ')}`;
}
