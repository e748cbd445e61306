export { featureWeights, greedyParameters, parameterCount, PriceRule, sharedFeatures, siteFeatures } from './priceRule.js';
export { createSearch } from './search.js';
export type { Search, SearchParts } from './search.js';
