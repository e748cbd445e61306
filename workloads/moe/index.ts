export { benchmarkGating, wasteFactor } from './benchmark.js';
export { placeTrace } from './compare-placements.js';
export {
  describeBenchmark,
  describePlacements,
  describeReplay,
  describeReproduction,
  describeSimulation,
} from './describe.js';
export { replayWithControl } from './replay-control.js';
export { drawReproduction, reproduce } from './reproduce.js';
export { dataSheetPower, moeServiceProfile, sampleProfile } from './service-profile.js';
export type { PowerModel } from './service-profile.js';
export { simulate } from './simulate.js';
export type { RoutingTrace } from './trace.js';
