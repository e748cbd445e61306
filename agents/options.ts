import { z } from 'zod';
import { schedulerNames } from './schedulers/index.js';

export const actorCriticKinds = ['ddpg', 'td3', 'sac'] as const;
export const agentKinds = [...actorCriticKinds, 'afterstate', 'cem'] as const;
export type ActorCriticKind = (typeof actorCriticKinds)[number];
export type AgentKind = (typeof agentKinds)[number];

/**
 * TD3's three tricks (Fujimoto et al. 2018); DDPG is the same update with all of them off. SAC keeps the twin critics;
 * its stochastic policy needs no other noise.
 */
const tricks = {
  ddpg: { twinCritics: false, policyDelay: 1, targetNoise: 0 },
  td3: { twinCritics: true, policyDelay: 2, targetNoise: 0.2 },
  sac: { twinCritics: true, policyDelay: 1, targetNoise: 0 },
} as const satisfies Record<ActorCriticKind, object>;

export const agentSchema = z
  .strictObject({
    kind: z.enum(agentKinds).default('ddpg').describe('what learns; see docs/agents.md'),
    twinCritics: z.boolean().optional().describe('take the smaller of two critics as target; by kind if not given'),
    policyDelay: z.int().min(1).optional().describe('critic updates for each actor update; by kind if not given'),
    targetNoise: z.number().min(0).optional().describe("noise on the target's action (standard deviation); by kind if not given"),
    targetNoiseClip: z.number().positive().default(0.5).describe('bound of that noise'),
    temperature: z
      .strictObject({
        initial: z.number().positive().default(0.1).describe('alpha at the start: scaled reward that a nat of entropy is worth'),
        learningRate: z.number().min(0).default(1e-3).describe('step size of Adam, log alpha; 0 keeps alpha as it is'),
        target: z.number().optional().describe('entropy that alpha is tuned for, nats; by kind of action if not given'),
      })
      .prefault({})
      .describe('sac only'),
    actor: z
      .enum(['shared', 'joint'])
      .default('shared')
      .describe('one network applied to each site in turn, or one over all sites at once'),
    hidden: z.array(z.int().positive()).default([64, 64]).describe('widths of the hidden layers, actor and critic'),
    actorLearningRate: z.number().positive().default(3e-4).describe('step size of Adam, actor'),
    criticLearningRate: z.number().positive().default(1e-3).describe('step size of Adam, critic'),
    finalLearningRateShare: z.number().min(0).max(1).default(0.1).describe('step sizes fall linearly to this share of themselves'),
    discount: z.number().min(0).max(1).default(0.9).describe('gamma, per step'),
    targetRate: z.number().positive().max(1).default(0.005).describe('tau: share of the weights taken into the target each update'),
    batchSize: z.int().positive().default(128).describe('transitions in a minibatch'),
    bufferSize: z.int().positive().default(100_000).describe('transitions in the replay buffer'),
    nStep: z.int().min(1).default(1).describe('rewards summed before bootstrapping'),
    updatesPerStep: z.number().positive().max(100).default(1).describe('gradient steps for each environment step; 0.5 is one every second step'),
    rewardScale: z.number().positive().default(0.05).describe('utility units are multiplied by this before learning'),
    controlVariate: z.boolean().default(true).describe('take what no decision changes out of rewards and labels: what arrivals explain, or (afterstate) the credit of an empty fleet'),
    preActivationPenalty: z.number().min(0).default(1e-3).describe("L2 on the actor's pre-activations, against saturation"),
    maxGradientNorm: z.number().positive().default(10).describe('gradients are clipped to this global norm'),
    initialOutputScale: z.number().positive().default(0.05).describe("scale of the actor's last layer at the start"),
    warmStart: z
      .strictObject({
        scheduler: z.enum(schedulerNames as [string, ...string[]]).nullable().default(null).describe('rule-based scheduler to start from; null starts from nothing'),
        days: z.int().min(1).max(366).default(5).describe('training days on which it demonstrates; they come on top of the steps'),
        minibatches: z.int().min(0).default(3000).describe('gradient steps of behaviour cloning'),
      })
      .prefault({})
      .describe('actor-critics in raw actions only (environment.dispatch: logits)'),
    exploration: z
      .strictObject({
        warmUpSteps: z.int().min(0).default(1000).describe('environment steps with uniformly random actions, no learning'),
        noiseStart: z.number().min(0).default(0.5).describe('standard deviation of action noise at the start (not sac, which samples)'),
        noiseEnd: z.number().min(0).default(0.15).describe('and at the end of the decay'),
        epsilonStart: z.number().min(0).max(1).default(0.3).describe('share of random destinations at the start (discrete choices only)'),
        epsilonEnd: z.number().min(0).max(1).default(0.05).describe('and at the end of the decay'),
        decayShare: z.number().positive().max(1).default(0.6).describe('share of all steps over which both decay linearly'),
      })
      .prefault({}),
    afterstate: z
      .strictObject({
        label: z
          .enum(['known', 'none'])
          .default('known')
          .describe("a decision's own credit: as the simulator knows it beforehand, or not used, so that only what is paid counts"),
        horizonSeconds: z.number().positive().default(1800).describe('what is t seconds away is discounted by exp(-t / this)'),
      })
      .prefault({})
      .describe('afterstate only'),
    cem: z
      .strictObject({
        population: z.int().min(4).max(1000).default(32).describe('candidates of a generation'),
        eliteShare: z.number().positive().max(1).default(0.25).describe('share of them that the next generation is drawn around'),
        daysPerCandidate: z.int().min(1).max(366).default(6).describe('training days that each candidate is judged on'),
        initialDeviation: z.number().positive().default(0.6).describe('spread of the first generation, in units of .002 utility per GPU-second'),
        smoothing: z.number().positive().max(1).default(0.7).describe("share of the elites' mean and spread in the next generation's"),
      })
      .prefault({})
      .describe('cem only'),
  })
  .prefault({});

export type AgentSettings = z.infer<typeof agentSchema>;
/** Settings of an actor-critic, every key decided. */
export type AgentOptions = AgentSettings & { twinCritics: boolean; policyDelay: number; targetNoise: number };

/** Fills in what an actor-critic's kind decides. Throws for another kind of agent. */
export function resolveAgent(settings: AgentSettings): AgentOptions {
  if (!isActorCritic(settings.kind)) throw new Error(`${settings.kind} is no actor-critic`);
  const { twinCritics, policyDelay, targetNoise } = tricks[settings.kind];
  return {
    ...settings,
    twinCritics: settings.twinCritics ?? twinCritics,
    policyDelay: settings.policyDelay ?? policyDelay,
    targetNoise: settings.targetNoise ?? targetNoise,
  };
}

const isActorCritic = (kind: AgentKind): kind is ActorCriticKind => (actorCriticKinds as readonly string[]).includes(kind);
