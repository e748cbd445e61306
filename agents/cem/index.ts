export { featureWeights, LinearPrices, parameterCount, sharedFeatures, siteFeatures } from './linearPrices.js';
export { createSearch } from './learner.js';
export type { Search, SearchParts } from './learner.js';
