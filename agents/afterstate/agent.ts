import type { Network, ParameterBlock } from '../../src/engine/index.js';
import { createInference, createParameters, exportPolicy } from '../../src/engine/index.js';
import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import type { Agent, AgentSetting, RunPolicy, Trainee } from '../agent.js';
import { createReplayBuffer } from '../replay.js';
import { schedulerResults } from '../results.js';
import { refuseText } from '../refuseText.js';
import { refuseWarmStart } from '../sharedOptions.js';
import { Afterstates, afterstateNames } from './features.js';
import { createValueLearner } from './learner.js';
import { valueNetwork } from './networks.js';
import type { AfterstateSettings } from './options.js';
import { afterstateOptions } from './options.js';
import { AfterstateScheduler } from './scheduler.js';
import { createAfterstateTraining, slotsCount } from './training.js';

type Setting = AgentSetting<AfterstateSettings>;

/** The after-state critic: a scheduler that knows each job's feasible choices and learns what they leave behind. */
export const afterstate: Agent<'afterstate', typeof afterstateOptions> = {
  kinds: ['afterstate'],
  options: afterstateOptions,
  check: (config) => {
    refuseWarmStart(config);
    const { shaping, environment } = config;
    refuseText('afterstate', config.fleet);
    if (shaping.kind !== 'none') {
      throw new InputError(`shaping.kind: found ${shaping.kind}, expected none: afterstate has agent.afterstate.label instead.`);
    }
    if (environment.kind !== 'job-dispatch') {
      throw new InputError(`environment.kind: found ${environment.kind}, expected job-dispatch: afterstate decides job by job.`);
    }
  },
  policy: (setting) => {
    const network = networkOf(setting);
    return valuePolicy(setting, network, createParameters(network.layout));
  },
  trainee: createTrainee,
};

const networkOf = ({ config: { agent, fleet } }: Setting): Network =>
  valueNetwork(afterstateNames(fleet.sites.map(({ name }) => name)).length, agent);

function schedulerOn({ config, rule }: Setting, network: Network, weights: ParameterBlock): AfterstateScheduler {
  const { agent, environment, fleet } = config;
  return new AfterstateScheduler({
    states: new Afterstates(fleet.sites.length, rule.linear, slotsCount(environment.settlement, agent)),
    value: createInference(network, weights),
    rewardScale: agent.rewardScale,
    creditCounts: agent.afterstate.label !== 'none',
  });
}

function valuePolicy(setting: Setting, network: Network, weights: ParameterBlock): RunPolicy {
  const scheduler = schedulerOn(setting, network, weights);
  const sites = setting.config.fleet.sites.map(({ name }) => name);
  return {
    weights: weights.flat,
    results: (days, seed, options) => schedulerResults(setting.simulator(), scheduler, days, { ...options, seed }),
    onnx: () =>
      exportPolicy({
        observationSize: network.inputs,
        parameters: [weights],
        policy: (parameters, states) => network.apply(parameters, states),
        metadata: {
          producer: 'jouleflow',
          part: 'value of an after-state less its potential, in scaled reward; each job takes the candidate with the best credit + value',
          observations: JSON.stringify(afterstateNames(sites)),
          actions: JSON.stringify(['value']),
          sites: JSON.stringify(sites),
        },
      }),
  };
}

async function createTrainee(setting: Setting): Promise<Trainee> {
  const { config, days } = setting;
  const { agent, environment, steps } = config;
  const network = networkOf(setting);
  const random = randomStream(config.seed, 'agent');
  const learner = await createValueLearner(network, agent, random.stream('learner'));
  const replay = createReplayBuffer({
    capacity: Math.min(agent.bufferSize, steps),
    observationSize: network.inputs,
    actionSize: 0,
    batchSize: agent.batchSize,
    discount: 1,
    nStep: agent.nStep,
  });
  const training = createAfterstateTraining({
    fleet: setting.simulator(),
    days: days.train,
    settlement: environment.settlement,
    scheduler: schedulerOn(setting, network, learner.averaged),
    learner,
    replay,
    options: agent,
    random: random.stream('training'),
    steps,
  });
  return {
    training,
    policy: valuePolicy(setting, network, learner.averaged),
    get learned() {
      return training.step > agent.exploration.warmUpSteps || training.done;
    },
  };
}
