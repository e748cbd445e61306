import type { ActionHead, AgentOptions, Learner, PolicyNetwork, Training } from '../agents/index.js';
import {
  boxHead,
  choiceAndGaussianHead,
  choiceAndLevelHead,
  createLearner,
  createReplayBuffer,
  createTraining,
  gaussianHead,
  jointPolicy,
  resolveAgent,
  sharedPolicy,
} from '../agents/index.js';
import { createShaper } from '../diffusion/index.js';
import { randomStream } from '../src/math/random.js';
import type { ExperimentConfig } from './config.js';
import type { SchedulingEnvironment, Setting } from './setting.js';

/** What an experiment's agent is made of, before it has learned anything. */
export interface AgentParts {
  readonly options: AgentOptions;
  readonly head: ActionHead;
  readonly policy: PolicyNetwork;
}

/** SAC acts by sampling, the others by adding noise; raw dispatch is a choice and a level. */
function actionHead({ kind }: AgentOptions, choosing: boolean, actions: number): ActionHead {
  if (kind === 'sac') return choosing ? choiceAndGaussianHead(actions - 1) : gaussianHead(actions);
  return choosing ? choiceAndLevelHead(actions - 1) : boxHead(actions);
}

/** The actor's shape for an environment: heads and networks by the configuration. */
export function agentParts(config: ExperimentConfig, environment: SchedulingEnvironment): AgentParts {
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

export interface Trainee extends AgentParts {
  readonly learner: Learner;
  readonly training: Training;
}

/** Builds everything that learns, compiled and seeded. */
export async function createTrainee(setting: Setting): Promise<Trainee> {
  const { config } = setting;
  const environment = setting.environment();
  const parts = agentParts(config, environment);
  const { options, head, policy } = parts;
  const random = randomStream(config.seed, 'agent');
  const observationSize = environment.observationSpace.size;
  const learner = await createLearner(options, policy, { observationSize, head }, random.stream('learner'));
  const shaper = await createShaper(
    config.shaping,
    { conditionSize: observationSize + head.size, batchSize: options.batchSize },
    random.stream('shaper'),
  );
  const replay = createReplayBuffer({
    capacity: Math.min(options.bufferSize, config.steps),
    observationSize,
    actionSize: head.size,
    batchSize: options.batchSize,
    discount: options.discount,
    nStep: options.nStep,
  });
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
  return { ...parts, learner, training };
}
