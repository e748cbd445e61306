import type * as Tf from '@tensorflow/tfjs';
import type { Shaper, ShapingOptions, ShapingSizes } from '../../diffusion/index.js';
import { fillNormals } from '../../diffusion/index.js';
import type { NamedTensors, ParameterBlock } from '../../src/engine/index.js';
import { compile } from '../../src/engine/index.js';
import { InputError } from '../../src/io/errors.js';
import { restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import type { ActionHead } from '../actorCritic/heads.js';
import type { ActorNetwork } from '../actorCritic/networks.js';
import { gaussianHead } from '../actorCritic/stochasticHeads.js';
import type { UpdateOptions } from '../actorCritic/update.js';
import { createUpdate } from '../actorCritic/update.js';
import { proposalNetwork } from './networks.js';

/** Of what a checkpoint holds of a reward agent; 1 had no number, and a soft actor-critic of its own. */
const format = 2;

/** A proposal is one reward in (-1, 1). */
export const proposalHead: ActionHead = { ...gaussianHead(1), drawNoise: fillNormals };

/** The soft actor-critic that a reward agent is: twin critics, no penalty, no clipping. */
export const updateOptions = ({ hidden, learningRate, agent }: ShapingOptions, batchSize: number): UpdateOptions => ({
  twinCritics: true,
  critic: 'expectation',
  quantiles: 1,
  objective: 'mean',
  riskLevel: 1,
  policyDelay: 1,
  actorDelay: 0,
  targetNoise: 0,
  targetNoiseClip: 1,
  temperature: { initial: agent.initialTemperature, learningRate: agent.temperatureLearningRate, target: agent.entropyTarget },
  hidden,
  actorLearningRate: learningRate,
  criticLearningRate: agent.criticLearningRate,
  targetRate: agent.targetRate,
  batchSize,
  preActivationPenalty: 0,
  maxGradientNorm: Infinity,
});

/**
 * A reward agent: soft actor-critic (see `createUpdate`) whose state is the (state, action) of the policy agent, whose
 * action is the reward it proposes for that, and whose own reward is what the environment pays (ReLara, Ma et al. 2024).
 * Twin critics learn Q(s, a, proposal) from the proposal stored with each transition when it was made; the next state is
 * (s', a') with the policy's present action at s'. Temperature is tuned to `agent.entropyTarget`.
 *
 * `reward-agent` shapes with a fresh proposal of each row, as ReLara does; `diffusion-agent` with the stored one, which its
 * critic is taught on: what was used is what is learned from, row by row.
 */
export async function createRewardAgent(options: ShapingOptions, sizes: ShapingSizes, random: RandomStream): Promise<Shaper> {
  const { batchSize: rows, conditionSize } = sizes;
  const policy = proposalNetwork(options, conditionSize);
  const learner = await createUpdate(updateOptions(options, rows), { policy, head: proposalHead, observationSize: conditionSize }, random.stream('learner'));
  const noise = random.stream('noise');
  const proposer = async (count: number): Promise<(conditions: Float32Array) => Promise<Float32Array>> => {
    const program = await compile(proposalProgram(policy, learner.actor.parameters, { rows: count, conditionSize }));
    return async (conditions) => {
      program.inputs.condition.set(conditions);
      for (const input of [program.inputs.normal, program.inputs.latent]) if (input !== undefined) fillNormals(input, noise);
      await program.run();
      return program.outputs.proposal!;
    };
  };
  const proposeOne = await proposer(1);
  const proposeBatch = options.kind === 'reward-agent' ? await proposer(rows) : undefined;
  const shaped = new Float32Array(rows);
  const parts = { learner, noise: streamState(noise) };
  return {
    kind: options.kind,
    needsNextActions: true,
    observe: () => {},
    propose: async (condition) => (await proposeOne(condition))[0]!,
    fit: async ({ conditions, proposals, rewards, discounts, nextConditions }) => {
      const batch = { observations: conditions, actions: proposals, rewards, discounts, next: nextConditions };
      return (await learner.update(batch)).criticLoss;
    },
    reward: async (batch) => {
      const proposals = proposeBatch === undefined ? batch.proposals : await proposeBatch(batch.conditions);
      for (let i = 0; i < rows; i++) shaped[i] = options.weight * options.gain * proposals[i]!;
      return shaped;
    },
    save: () => {
      const { arrays, values } = saveParts(parts);
      return { arrays, values: { ...values, format } };
    },
    restore: (saved) => {
      const found = saved.values['format'] ?? 1;
      if (found !== format) throw new InputError(`The checkpoint holds a reward agent of format ${found}, expected format ${format}: train the run anew.`);
      restoreParts(saved, parts);
    },
  };
}

/** A proposal for each of `rows` conditions. */
export function proposalProgram(policy: ActorNetwork, block: ParameterBlock, { rows, conditionSize }: { rows: number; conditionSize: number }) {
  const latent = policy.latentShape?.(rows);
  const inputs = { condition: [rows, conditionSize], normal: [rows, 1], ...(latent === undefined ? {} : { latent }) };
  return {
    // Without a latent there is no such input, and it is never read.
    inputs: inputs as Record<'condition' | 'normal' | 'latent', number[]>,
    parameters: { actor: block },
    build: (given: Record<'condition' | 'normal' | 'latent', Tf.Tensor>, parameters: Record<'actor', NamedTensors>) => {
      const { condition, normal, latent: noise } = given as Record<'condition' | 'normal' | 'latent', Tf.Tensor2D>;
      return { outputs: { proposal: proposalHead.sample(policy.apply(parameters.actor, condition, noise), normal).action } };
    },
  };
}
