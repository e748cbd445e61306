export { benchmarkGating, wasteFactor } from './benchmark.js';
export { placeTrace } from './comparePlacements.js';
export {
  describeBenchmark,
  describePlacements,
  describeReplay,
  describeReproduction,
  describeSimulation,
} from './describe.js';
export { replayWithControl } from './replayControl.js';
export { drawReproduction, reproduce } from './reproduce.js';
export { dataSheetPower, moeServiceProfile, sampleProfile } from './serviceProfile.js';
export type { PowerModel } from './serviceProfile.js';
export { simulate } from './simulate.js';
export type { RoutingTrace } from './trace.js';
