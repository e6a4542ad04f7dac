import { analyzeStatement } from './analyze.js';
import { executePlainly, type TableOperation } from './operation.js';
import { whatIsDue } from './thresholds.js';
import type { MaintenanceThresholds } from './types.js';
import { vacuumStatement } from './vacuum.js';

/** VACUUM, ANALYZE or both, where the figures call for it at the moment when it is the table's turn. */
export function dueOperation(thresholds: MaintenanceThresholds): TableOperation {
  return {
    name: 'maintenance',
    includesPartitioned: true,
    plan: (table, statistics, server) => {
      const due = whatIsDue(statistics, thresholds, new Date());
      if (due.length === 0) {
        return { statement: null, reason: { code: 'not-due', message: 'nothing is due' } };
      }
      const operations = new Set(due.map(({ operation }) => operation));
      const reasons = due.map(({ reason }) => reason);
      const analyze = operations.has('analyze');
      const freeze = operations.has('freeze');
      return operations.has('vacuum') || freeze
        ? {
            statement: vacuumStatement(table, { analyze, freeze }, server),
            due: reasons,
            counter: 'vacuumCount',
          }
        : { statement: analyzeStatement(table, server), due: reasons, counter: 'analyzeCount' };
    },
    execute: executePlainly,
  };
}
