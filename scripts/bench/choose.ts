import { type BenchArguments, BenchUsageError } from './arguments.js';
import type { Scenario } from './scenario.js';

/**
 * The scenarios that were asked for: by name; or all of the table, of one category where that was said. A row's id begins with
 * the name of its scenario, by which `--only` finds it.
 *
 * @param apart those that run only when they are named
 * @throws BenchUsageError when there is none
 */
export function chosen(
  { names, category, only }: Pick<BenchArguments, 'names' | 'category' | 'only'>,
  scenarios: readonly Scenario[],
  apart: readonly Scenario[],
): readonly Scenario[] {
  const candidates = names.length === 0 && only === null ? scenarios : [...scenarios, ...apart];
  const found = candidates.filter(
    (scenario) =>
      (names.length === 0 || names.includes(scenario.name)) &&
      (category === null || scenario.category === category) &&
      (only === null || only === scenario.name || only.startsWith(`${scenario.name}-`)),
  );
  if (found.length > 0) return found;
  throw new BenchUsageError(
    only === null ? 'No scenario is of that name and that category.' : `No row has the id "${only}".`,
  );
}
