export { type CallersResult, callers, type Extent, type Operation, throughput } from './callers.js';
export { interleaved, type Measurement, type Rounds } from './interleaved.js';
export { LoopTurns } from './loop-turns.js';
export { median, percentileOf } from './median.js';
export { sequentialLatencyMs } from './sequential.js';
export { collectGarbage, settle } from './settle.js';
