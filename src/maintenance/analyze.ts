import { quotedName, type Relation } from './catalog.js';
import { executePlainly, type TableOperation } from './operation.js';
import type { ServerFacts } from './session.js';
import { only } from './vacuum.js';

/** The ANALYZE of one table. */
export function analyzeStatement(table: Relation, server: ServerFacts): string {
  return `ANALYZE ${only(server)}${quotedName(table)}`;
}

/** ANALYZE on every table it is given; the only source of statistics over all partitions of a partitioned one. */
export const analyzeOperation: TableOperation = {
  name: 'analyze',
  includesPartitioned: true,
  plan: (table, _statistics, server) => ({
    statement: analyzeStatement(table, server),
    due: [],
    counter: 'analyzeCount',
  }),
  execute: executePlainly,
};
