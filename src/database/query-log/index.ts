export { carryCallSites } from './carry-call-sites.js';
export { observedClientClass } from './observed-client.js';
export type { ShownError } from './shown-error.js';
export type { RedactParameter } from './shown-values.js';
export {
  type LoggedStatement,
  type ObservedStatement,
  type SlowQuery,
  type StatementListener,
  StatementObserver,
  type StatementObserverOptions,
} from './statement-observer.js';
export { type StatementShape, statementShape } from './statement-shape.js';
export type { StatementSummary } from './statement-summaries.js';
