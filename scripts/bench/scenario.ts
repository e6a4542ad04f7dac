import type { BenchRow } from './report/row.js';
import type { World } from './world.js';

/** `npm run test:performance -- --category=...` runs those of one. */
export const CATEGORIES = ['cache', 'queries', 'connections', 'writes', 'mixed'] as const;
export type Category = (typeof CATEGORIES)[number];

/** Some rows of the table that are measured together. */
export interface Scenario {
  readonly name: string;
  readonly category: Category;
  run(world: World): Promise<readonly BenchRow[]>;
}
