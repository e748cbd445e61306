export { clairvoyantBound, isBounded } from './clairvoyant.js';
export type { BoundProblem } from './clairvoyant.js';
