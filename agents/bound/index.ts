export { clairvoyantBound, isBounded } from './clairvoyant.js';
export type { BoundProblem } from './clairvoyant.js';
export { hindsightUtility, isSearched, unsearched } from './hindsight/index.js';
export type { HindsightProblem } from './hindsight/index.js';
