import type { ActionHead, AgentOptions, PolicyNetwork } from '../../agents/index.js';
import {
  boxHead,
  choiceAndGaussianHead,
  choiceAndLevelHead,
  createLearner,
  createReplayBuffer,
  createScheduler,
  createTraining,
  demonstrate,
  gaussianHead,
  jointPolicy,
  resolveAgent,
  sharedPolicy,
} from '../../agents/index.js';
import type { JobDispatchEnv } from '../../envs/index.js';
import { createShaper } from '../../diffusion/index.js';
import type { ParameterBlock } from '../../src/engine/index.js';
import { createParameters, exportPolicy } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import type { ExperimentConfig } from './config.js';
import { evaluatePolicy } from './evaluate.js';
import type { Infer } from './evaluate.js';
import { servedText } from './served.js';
import type { SchedulingEnvironment, Setting } from './setting.js';
import type { AgentMaker, RunPolicy, Trainee } from './trainee.js';

/** What an actor-critic is made of, before it has learned anything. */
interface ActorParts {
  readonly options: AgentOptions;
  readonly head: ActionHead;
  readonly policy: PolicyNetwork;
}

/** An actor's network and what turns its output into actions. */
export interface ActorPolicy extends RunPolicy {
  readonly infer: Infer;
  readonly head: ActionHead;
}

/** ddpg, td3, sac: one learner, an environment's observations and actions. */
export const actorCritic: AgentMaker = {
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
function actorParts(config: ExperimentConfig, environment: SchedulingEnvironment): ActorParts {
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
  return {
    infer,
    head,
    weights: actor.flat,
    results: (days, seed, options) => evaluatePolicy(judge, infer, head, days, seed, options),
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
          served: servedText(setting),
        },
      }),
  };
}

async function createTrainee(setting: Setting): Promise<Trainee> {
  const { config } = setting;
  const environment = setting.environment();
  const parts = actorParts(config, environment);
  const { options, head, policy } = parts;
  const random = randomStream(config.seed, 'agent');
  const observationSize = environment.observationSpace.size;
  const learner = await createLearner(options, policy, { observationSize, head }, random.stream('learner'));
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
