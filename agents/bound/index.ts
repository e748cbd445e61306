export { clairvoyantBound } from './clairvoyant.js';
export type { BoundProblem } from './clairvoyant.js';
