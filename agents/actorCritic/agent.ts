import type { JobDispatchEnv } from '../../envs/index.js';
import type { ParameterBlock } from '../../src/engine/index.js';
import { createParameters, exportPolicy } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import type { Agent, AgentSetting, RunPolicy, SchedulingEnvironment, Trainee } from '../agent.js';
import { createReplayBuffer } from '../replay.js';
import { policyResults } from '../results.js';
import { createShaper } from '../rewardAgent/shaper.js';
import { createScheduler } from '../schedulers/index.js';
import { refuseWarmStart } from '../sharedOptions.js';
import { demonstrate } from './demonstrations.js';
import type { ActionHead } from './heads.js';
import { boxHead, choiceAndLevelHead } from './heads.js';
import { createLearner } from './learner.js';
import type { PolicyNetwork } from './networks.js';
import { jointPolicy, sharedPolicy } from './networks.js';
import type { ActorCriticKind, ActorCriticSettings, AgentOptions } from './options.js';
import { actorCriticKinds, actorCriticOptions, checkCritics, resolveAgent } from './options.js';
import { choiceAndGaussianHead, gaussianHead } from './stochasticHeads.js';
import { createTraining } from './training.js';

type Setting = AgentSetting<ActorCriticSettings>;

/** What an actor-critic is made of, before it has learned anything. */
interface ActorParts {
  readonly options: AgentOptions;
  readonly head: ActionHead;
  readonly policy: PolicyNetwork;
}

/** An actor's network and what turns its output into actions. */
export interface ActorPolicy extends RunPolicy {
  /** From an observation to the actor's raw output. */
  readonly infer: (observation: Float32Array, raw: Float32Array) => void;
  readonly head: ActionHead;
}

/** ddpg, td3, sac: one learner, an environment's observations and actions. */
export const actorCritic: Agent<ActorCriticKind, typeof actorCriticOptions> = {
  kinds: actorCriticKinds,
  options: actorCriticOptions,
  check: (config) => {
    checkCritics(config.agent);
    if (config.environment.dispatch !== 'logits') refuseWarmStart(config);
  },
  policy: (setting) => {
    const environment = setting.environment();
    const parts = actorParts(setting.config, environment);
    return actorPolicy(setting, environment, parts, createParameters(parts.policy.layout));
  },
  trainee: createTrainee,
};

/** SAC acts by sampling, the others by adding noise; raw dispatch is a choice and a level. */
function actionHead({ kind }: AgentOptions, choosing: boolean, actions: number): ActionHead {
  if (kind === 'sac') return choosing ? choiceAndGaussianHead(actions - 1) : gaussianHead(actions);
  return choosing ? choiceAndLevelHead(actions - 1) : boxHead(actions);
}

/** The actor's shape for an environment: heads and networks by the configuration. */
function actorParts(config: Setting['config'], environment: SchedulingEnvironment): ActorParts {
  const options = resolveAgent(config.agent);
  const { dispatch } = config.environment;
  const actions = environment.actionSpace.size;
  const head = actionHead(options, dispatch === 'logits', actions);
  const sizes = {
    observationSize: environment.observationSpace.size,
    outputs: head.rawSize,
    groups: head.rawGroups,
    hidden: options.hidden,
    outputScale: options.initialOutputScale,
  };
  const policy = options.actor === 'shared' && dispatch !== 'logits' ? sharedPolicy(sizes, environment.observationLayout) : jointPolicy(sizes);
  return { options, head, policy };
}

function actorPolicy(
  setting: Setting,
  judge: SchedulingEnvironment,
  { head, policy }: ActorParts,
  actor: ParameterBlock,
): ActorPolicy {
  const infer = policy.inference(actor);
  const raw = new Float32Array(head.rawSize);
  const action = new Float32Array(head.size);
  const unused = randomStream(0, 'greedy');
  const act = (observation: Float32Array): Float32Array => {
    infer(observation, raw);
    head.act(raw, action, null, unused);
    return action;
  };
  return {
    infer,
    head,
    weights: actor.flat,
    results: (days, seed, options) => policyResults(judge, act, days, { ...options, seed }),
    onnx: () =>
      exportPolicy({
        observationSize: judge.observationSpace.size,
        parameters: [actor],
        policy: (parameters, observations) => head.greedy(policy.apply(parameters, observations)),
        metadata: {
          producer: 'jouleflow',
          observations: JSON.stringify(judge.observationNames),
          actions: JSON.stringify(judge.actionNames),
          sites: JSON.stringify(setting.config.fleet.sites.map((site) => site.name)),
          served: setting.served,
        },
      }),
  };
}

async function createTrainee(setting: Setting): Promise<Trainee> {
  const { config } = setting;
  const environment = setting.learningEnvironment();
  const parts = actorParts(config, environment);
  const { options, head, policy } = parts;
  const random = randomStream(config.seed, 'agent');
  const observationSize = environment.observationSpace.size;
  const learner = await createLearner(options, { policy, head, observationSize }, random.stream('learner'));
  const shaper = await createShaper(
    config.shaping,
    { observationSize, conditionSize: observationSize + head.size, batchSize: options.batchSize },
    random.stream('shaper'),
  );
  const replay = createReplayBuffer({
    capacity: Math.min(options.bufferSize, config.steps),
    observationSize,
    actionSize: head.size,
    batchSize: options.batchSize,
    discount: options.discount,
    nStep: options.nStep,
    labelSteps: config.shaping.label === 'nstep' ? config.shaping.labelSteps : 1,
  });
  const { scheduler, days, minibatches } = options.warmStart;
  if (scheduler !== null) {
    const demonstrator = createScheduler(scheduler, config.fleet);
    demonstrate(environment as JobDispatchEnv, demonstrator, setting.days.train, days, replay, random.stream('demonstrations'));
    await learner.imitate(replay, minibatches);
  }
  const training = createTraining({
    environment,
    days: setting.days.train,
    learner,
    head,
    replay,
    shaper,
    random: random.stream('training'),
    options,
    shaping: config.shaping,
    steps: config.steps,
  });
  return {
    training,
    policy: actorPolicy(setting, setting.environment(), parts, learner.actor),
    replayBytes: replay.bytes,
    get learned() {
      return training.step > options.exploration.warmUpSteps || training.done;
    },
  };
}
