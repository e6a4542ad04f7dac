export type {
  AnyEvents,
  DeclaredRule,
  EventMap,
  EventName,
  Invalid,
  InvalidationRule,
} from './invalidation-rule.js';
export { InvalidationRules, type Invalidator } from './invalidation-rules.js';
export type { RuleStatistics } from './rule-statistics.js';
