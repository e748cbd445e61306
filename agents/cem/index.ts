export { featureWeights, greedyParameters, parameterCount, PriceRule, sharedFeatures, siteFeatures } from './priceRule.js';
export { createSearch } from './learner.js';
export type { Search, SearchParts } from './learner.js';
