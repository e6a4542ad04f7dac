import type { Recommendation, RecommendationInputs, RecommendationSeverity } from './recommendation.js';
import { DEFAULT_THRESHOLDS, type RecommendationThresholds } from './recommendation-thresholds.js';
import { adviceOnPool } from './recommendations-on-pool.js';
import { adviceOnServer } from './recommendations-on-server.js';

const ORDER: readonly RecommendationSeverity[] = ['critical', 'warning', 'info'];

/** Advice on the pool, the most urgent first; none when all is well. Asks nobody and changes nothing. */
export function recommend(inputs: RecommendationInputs): readonly Recommendation[] {
  const thresholds: RecommendationThresholds = { ...DEFAULT_THRESHOLDS, ...inputs.thresholds };
  const found = [...adviceOnPool(inputs, thresholds), ...adviceOnServer(inputs, thresholds)];
  found.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return Object.freeze(found.map((one) => Object.freeze(one)));
}
