import { z } from 'zod';
import { InputError } from '../../src/io/errors.js';
import type { AgentConfig, OptionsOf } from '../agent.js';
import { schedulerNames } from '../schedulers/index.js';
import { sharedOptions } from '../sharedOptions.js';

export const actorCriticKinds = ['ddpg', 'td3', 'sac'] as const;
export type ActorCriticKind = (typeof actorCriticKinds)[number];

/**
 * TD3's three tricks (Fujimoto et al. 2018); DDPG is the same update with all of them off. SAC keeps the twin critics;
 * its stochastic policy needs no other noise.
 */
const tricks = {
  ddpg: { twinCritics: false, policyDelay: 1, targetNoise: 0 },
  td3: { twinCritics: true, policyDelay: 2, targetNoise: 0.2 },
  sac: { twinCritics: true, policyDelay: 1, targetNoise: 0 },
} as const satisfies Record<ActorCriticKind, object>;

export const actorCriticOptions = {
  twinCritics: z.boolean().optional().describe('take the smaller of two critics as target; by kind if not given'),
  actorDelay: z.int().min(0).max(1e6).default(0).describe('updates of the critics alone before the actor begins to learn, so that it does not follow values that mean nothing yet'),
  critic: z.enum(['expectation', 'quantile']).default('expectation').describe('what critics learn of the return: its mean, or quantiles of its distribution'),
  quantiles: z.int().min(2).max(100).default(25).describe('how many quantiles a quantile critic learns'),
  objective: z.enum(['mean', 'cvar']).default('mean').describe('what the actor raises: the mean, or the mean of the worst outcomes (quantile critics only)'),
  riskLevel: z.number().min(0.01).max(1).default(0.25).describe('share of outcomes that cvar takes as the worst'),
  policyDelay: z.int().min(1).max(1000).optional().describe('critic updates for each actor update; by kind if not given'),
  targetNoise: z.number().min(0).max(10).optional().describe("noise on the target's action (standard deviation); by kind if not given"),
  targetNoiseClip: z.number().positive().max(10).default(0.5).describe('bound of that noise'),
  temperature: z
    .strictObject({
      initial: z.number().positive().max(1e6).default(0.1).describe('alpha at the start: scaled reward that a nat of entropy is worth'),
      learningRate: z.number().min(0).max(1).default(1e-3).describe('step size of Adam, log alpha; 0 keeps alpha as it is'),
      target: z.number().min(-1000).max(1000).optional().describe('entropy that alpha is tuned for, nats; by kind of action if not given'),
    })
    .prefault({})
    .describe('sac only'),
  actor: z
    .enum(['shared', 'joint'])
    .default('shared')
    .describe('one network applied to each site in turn, or one over all sites at once'),
  hidden: sharedOptions.hidden,
  actorLearningRate: z.number().positive().max(1).default(3e-4).describe('step size of Adam, actor'),
  criticLearningRate: sharedOptions.criticLearningRate,
  finalLearningRateShare: sharedOptions.finalLearningRateShare,
  discount: z.number().min(0).max(1).default(0.9).describe('gamma, per step'),
  targetRate: sharedOptions.targetRate,
  batchSize: sharedOptions.batchSize,
  bufferSize: sharedOptions.bufferSize,
  nStep: sharedOptions.nStep,
  updatesPerStep: sharedOptions.updatesPerStep,
  rewardScale: sharedOptions.rewardScale,
  controlVariate: sharedOptions.controlVariate,
  preActivationPenalty: z.number().min(0).max(1000).default(1e-3).describe("L2 on the actor's pre-activations, against saturation"),
  maxGradientNorm: sharedOptions.maxGradientNorm,
  initialOutputScale: sharedOptions.initialOutputScale,
  warmStart: z
    .strictObject({
      scheduler: z.enum(schedulerNames as [string, ...string[]]).nullable().default(null).describe('rule-based scheduler to start from; null starts from nothing'),
      days: z.int().min(1).max(366).default(5).describe('training days on which it demonstrates; they come on top of the steps'),
      minibatches: z.int().min(0).max(1e6).default(3000).describe('gradient steps of behaviour cloning'),
    })
    .prefault({})
    .describe('actor-critics in raw actions only (environment.dispatch: logits)'),
  exploration: sharedOptions.exploration,
};

export type ActorCriticSettings = OptionsOf<typeof actorCriticOptions>;
/** Settings of an actor-critic, every key decided. */
export type AgentOptions = ActorCriticSettings & { twinCritics: boolean; policyDelay: number; targetNoise: number };

/** Fills in what an actor-critic's kind decides. Throws for another kind of agent. */
export function resolveAgent(settings: ActorCriticSettings): AgentOptions {
  if (!isActorCritic(settings.kind)) throw new Error(`${settings.kind} is no actor-critic`);
  const { twinCritics, policyDelay, targetNoise } = tricks[settings.kind];
  return {
    ...settings,
    twinCritics: settings.twinCritics ?? twinCritics,
    policyDelay: settings.policyDelay ?? policyDelay,
    targetNoise: settings.targetNoise ?? targetNoise,
  };
}

/** Pairs of quantile and target that a minibatch may have: some twenty arrays of them are held at once. */
const mostPairs = 2 ** 23;

/** Throws InputError where the choice of critics makes no sense or no room. */
export function checkCritics({ critic, objective, quantiles, batchSize }: AgentConfig['agent']): void {
  if (critic === 'expectation' && objective !== 'mean') {
    throw new InputError(`agent.objective: found ${objective} with agent.critic expectation, expected mean: only quantile critics know the worst outcomes.`);
  }
  const pairs = batchSize * quantiles ** 2;
  if (critic === 'quantile' && pairs > mostPairs) {
    throw new InputError(`agent.quantiles: found ${quantiles} with agent.batchSize ${batchSize}, ${pairs} pairs of quantiles, expected at most ${mostPairs}.`);
  }
}

const isActorCritic = (kind: string): kind is ActorCriticKind => (actorCriticKinds as readonly string[]).includes(kind);
