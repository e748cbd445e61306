import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import type { ParameterBlock } from '../../src/engine/index.js';
import type { Agent, AgentSetting, RunPolicy } from '../agent.js';
import { schedulerResults } from '../results.js';
import { refuseWarmStart } from '../sharedOptions.js';
import { createSearch } from './learner.js';
import { exportRule, ruleParameters } from './networks.js';
import type { CemSettings } from './options.js';
import { cemOptions } from './options.js';
import { LinearPrices } from './linearPrices.js';

type Setting = AgentSetting<CemSettings>;

/** The cross-entropy method on shadow prices: a scheduler that starts as the rule, `environment.rule`. */
export const cem: Agent<'cem', typeof cemOptions> = {
  kinds: ['cem'],
  options: cemOptions,
  check: (config) => {
    refuseWarmStart(config);
    const { shaping } = config;
    if (shaping.kind !== 'none') {
      throw new InputError(`shaping.kind: found ${shaping.kind}, expected none: cem judges whole days by their true utility.`);
    }
  },
  policy: (setting) => rulePolicy(setting, ruleParameters(setting.config.fleet.sites.length)),
  trainee: (setting) => {
    const { config, days, rule } = setting;
    const block = ruleParameters(config.fleet.sites.length);
    const fleet = setting.simulator();
    const training = createSearch({
      fleet,
      rule,
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

function rulePolicy(setting: Setting, block: ParameterBlock): RunPolicy {
  const sites = setting.config.fleet.sites.map(({ name }) => name);
  const rule = new LinearPrices(sites.length, setting.rule, block.flat);
  return {
    weights: block.flat,
    results: (days, seed, options) => schedulerResults(setting.simulator(), rule, days, { ...options, seed }),
    onnx: () => exportRule(sites, block),
  };
}
