export { benchmarkGating, wasteFactor } from './benchmark.js';
export { placeTrace } from './compare-placements.js';
export { describeBenchmark, describePlacements, describeReplay } from './describe.js';
export { replayWithControl } from './replay-control.js';
export type { RoutingTrace } from './trace.js';
