import { growth } from '../growth/index.js';
import type { Scenario } from '../scenario.js';
import { cacheOff } from './cache-off.js';
import { cold } from './cold.js';
import { extensionHit } from './extension-hit.js';
import { findByIds } from './find-by-ids.js';
import { findMany } from './find-many.js';
import { flatHeap } from './flat-heap.js';
import { fleetUpdate } from './fleet-update.js';
import { headline } from './headline.js';
import { importCost } from './import-cost.js';
import { nearHit } from './near-hit.js';
import { oneLoad } from './one-load.js';
import { sharedHit } from './shared-hit.js';
import { zipfMix } from './zipf-mix.js';

/** Those of the table, in its order. Those that write come late: from the first fenced write on promises are dearer in Node 20. */
export const scenarios: readonly Scenario[] = [
  nearHit,
  sharedHit,
  cold,
  cacheOff,
  findByIds,
  findMany,
  extensionHit,
  fleetUpdate,
  zipfMix,
  oneLoad,
  importCost,
  flatHeap,
];

/** Those that take long and run only when they are named. */
export const apart: readonly Scenario[] = [headline, growth];
