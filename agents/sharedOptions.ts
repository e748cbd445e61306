import { z } from 'zod';
import { InputError } from '../src/io/errors.js';
import type { AgentConfig } from './agent.js';

/** Options that several agents read: each agent lists those it does, as `key: sharedOptions.key`. */
export const sharedOptions = {
  hidden: z.array(z.int().min(1).max(2048)).max(8).default([64, 64]).describe('widths of the hidden layers, actor and critic'),
  criticLearningRate: z.number().positive().max(1).default(1e-3).describe('step size of Adam, critic'),
  finalLearningRateShare: z.number().min(0).max(1).default(0.1).describe('step sizes fall linearly to this share of themselves'),
  targetRate: z.number().positive().max(1).default(0.005).describe('tau: share of the weights taken into the target each update'),
  batchSize: z.int().min(1).max(65_536).default(128).describe('transitions in a minibatch'),
  bufferSize: z.int().min(1).max(10_000_000).default(100_000).describe('transitions in the replay buffer'),
  nStep: z.int().min(1).max(1000).default(1).describe('rewards summed before bootstrapping'),
  updatesPerStep: z.number().positive().max(100).default(1).describe('gradient steps for each environment step; 0.5 is one every second step'),
  rewardScale: z.number().positive().max(1e6).default(0.05).describe('utility units are multiplied by this before learning'),
  controlVariate: z.boolean().default(true).describe('take what no decision changes out of rewards and labels: what arrivals explain, or (afterstate) the credit of an empty fleet'),
  maxGradientNorm: z.number().positive().max(1e6).default(10).describe('gradients are clipped to this global norm'),
  initialOutputScale: z.number().positive().max(100).default(0.05).describe("scale of the actor's last layer at the start"),
  exploration: z
    .strictObject({
      warmUpSteps: z.int().min(0).max(1e9).default(1000).describe('environment steps with uniformly random actions, no learning'),
      noiseStart: z.number().min(0).max(10).default(0.5).describe('standard deviation of action noise at the start (not sac, which samples)'),
      noiseEnd: z.number().min(0).max(10).default(0.15).describe('and at the end of the decay'),
      epsilonStart: z.number().min(0).max(1).default(0.3).describe('share of random destinations at the start (discrete choices only)'),
      epsilonEnd: z.number().min(0).max(1).default(0.05).describe('and at the end of the decay'),
      decayShare: z.number().positive().max(1).default(0.6).describe('share of all steps over which both decay linearly'),
    })
    .prefault({}),
};

/** Throws InputError if the configuration asks for a start from a scheduler's decisions, which the agent cannot make. */
export function refuseWarmStart({ agent: { kind, warmStart }, environment }: AgentConfig): void {
  if (warmStart.scheduler === null) return;
  throw new InputError(
    `agent.warmStart.scheduler: found ${warmStart.scheduler} with ${kind} and dispatch ${environment.dispatch}, expected null: only an actor in raw actions (dispatch logits) clones a scheduler; prices start as the rule, environment.rule.`,
  );
}
