import { createSearch, featureWeights, greedyParameters, parameterCount, PriceRule, sharedFeatures, siteFeatures } from '../../agents/index.js';
import { createParameters, exportPolicy, layoutOf, tensorFlow } from '../../src/engine/index.js';
import type { ParameterBlock } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import { evaluateScheduler } from './evaluate.js';
import type { Setting } from './setting.js';
import type { AgentMaker, RunPolicy } from './trainee.js';

/** The cross-entropy method on shadow prices: a scheduler that starts as greedy with the configured price of backlog. */
export const cem: AgentMaker = {
  policy: (setting) => rulePolicy(setting, parameters(setting)),
  trainee: (setting) => {
    const { config, days, backlogPrice } = setting;
    const block = parameters(setting);
    block.flat.set(greedyParameters(config.fleet.sites.length, backlogPrice));
    const fleet = setting.simulator();
    const training = createSearch({
      fleet,
      days: days.train,
      mean: block.flat,
      options: config.agent.cem,
      random: randomStream(config.seed, 'agent'),
      steps: config.steps,
      stepsOf: config.environment.kind === 'job-dispatch' ? ({ jobs }) => jobs : () => fleet.slots,
    });
    return Promise.resolve({
      training,
      policy: rulePolicy(setting, block),
      get learned() {
        return training.generation > 0 || training.done;
      },
    });
  },
};

const parameters = ({ config }: Setting): ParameterBlock =>
  createParameters(layoutOf([{ name: 'theta', shape: [parameterCount(config.fleet.sites.length)] }]));

function rulePolicy(setting: Setting, block: ParameterBlock): RunPolicy {
  const { sites } = setting.config.fleet;
  const rule = new PriceRule(sites.length, block.flat);
  const features = [...siteFeatures, ...sharedFeatures];
  return {
    weights: block.flat,
    results: (days, seed, options) => evaluateScheduler(setting, rule, days, seed, options),
    onnx: () => {
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
          observations: JSON.stringify(sites.flatMap(({ name }) => features.map((feature) => `${name}.${feature}`))),
          actions: JSON.stringify(sites.map(({ name }) => `${name}.shadowPrice`)),
          sites: JSON.stringify(sites.map(({ name }) => name)),
        },
      });
    },
  };
}
