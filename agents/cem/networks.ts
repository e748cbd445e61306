import type { ParameterBlock } from '../../src/engine/index.js';
import { createParameters, exportPolicy, layoutOf, tensorFlow } from '../../src/engine/index.js';
import { featureWeights, parameterCount, sharedFeatures, siteFeatures } from './linearPrices.js';

/** Parameters of a price rule for so many sites, all zero. */
export const ruleParameters = (sites: number): ParameterBlock => createParameters(layoutOf([{ name: 'theta', shape: [parameterCount(sites)] }]));

/** A price rule as an ONNX model, one linear layer: from the features of the named sites to their shadow prices. */
export function exportRule(sites: readonly string[], block: ParameterBlock): Promise<Uint8Array> {
  const features = [...siteFeatures, ...sharedFeatures];
  const inputs = features.length * sites.length;
  const weights = featureWeights(sites.length, block.flat);
  // Column k sums the terms of site k.
  const columns = Float32Array.from({ length: inputs * sites.length }, (_, i) => {
    const row = Math.floor(i / sites.length);
    return Math.floor(row / features.length) === i % sites.length ? weights[row]! : 0;
  });
  return exportPolicy({
    observationSize: inputs,
    parameters: [],
    policy: (_, observations) => tensorFlow().matMul(observations, tensorFlow().tensor2d(columns, [inputs, sites.length])),
    metadata: {
      producer: 'jouleflow',
      part: 'shadow prices of the sites, utility units per GPU-second; each job goes where it is then best',
      observations: JSON.stringify(sites.flatMap((name) => features.map((feature) => `${name}.${feature}`))),
      actions: JSON.stringify(sites.map((name) => `${name}.shadowPrice`)),
      sites: JSON.stringify(sites),
    },
  });
}
