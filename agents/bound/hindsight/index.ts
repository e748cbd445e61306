export { hindsightUtility, isSearched, unsearched } from './hindsight.js';
export type { HindsightProblem } from './hindsight.js';
