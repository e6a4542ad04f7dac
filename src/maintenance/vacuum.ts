import { quotedName, type Relation } from './catalog.js';
import { executePlainly, type TableOperation } from './operation.js';
import type { ServerFacts } from './session.js';

/** What a VACUUM does besides freeing the space of dead tuples. */
export interface VacuumExtras {
  readonly analyze: boolean;
  readonly freeze: boolean;
}

// Since PostgreSQL 18 both statements go on to the children of a table; one table at a time needs ONLY there.
const ONLY_SINCE = 180_000;

/** The VACUUM of one table. Never FULL, which locks everyone out while it rewrites the table. */
export function vacuumStatement(table: Relation, extras: VacuumExtras, server: ServerFacts): string {
  const options = [...(extras.freeze ? ['FREEZE'] : []), ...(extras.analyze ? ['ANALYZE'] : [])];
  const list = options.length === 0 ? '' : `(${options.join(', ')}) `;
  return `VACUUM ${list}${only(server)}${quotedName(table)}`;
}

/** The word that keeps a statement to the one table it names. */
export function only({ version }: ServerFacts): string {
  return version >= ONLY_SINCE ? 'ONLY ' : '';
}

/** VACUUM on every table it is given. */
export function vacuumOperation(extras: VacuumExtras): TableOperation {
  return {
    name: 'vacuum',
    includesPartitioned: false,
    plan: (table, _statistics, server) => ({
      statement: vacuumStatement(table, extras, server),
      due: [],
      counter: 'vacuumCount',
    }),
    execute: executePlainly,
  };
}
