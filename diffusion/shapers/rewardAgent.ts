import type * as Tf from '@tensorflow/tfjs';
import type { NamedTensors, Network, ParameterBlock } from '../../src/engine/index.js';
import { adamState, compile, createAdam, createParameters, gradientsOf, joinLayouts, layoutOf, mlp, tensorFlow } from '../../src/engine/index.js';
import { arrayState, restoreParts, saveParts, streamState } from '../../src/io/checkpoint.js';
import type { RandomStream } from '../../src/math/random.js';
import { fillNormals } from '../noiseTable.js';
import type { ShapingOptions } from './options.js';
import type { ProposalActor } from './proposalActor.js';
import { propose, proposalActor } from './proposalActor.js';
import type { Shaper, ShapingSizes } from './shaper.js';

/**
 * A reward agent: soft actor-critic (Haarnoja et al. 2018) whose state is the (state, action) of the policy agent, whose
 * action is the reward it proposes for that, and whose own reward is what the environment pays (ReLara, Ma et al. 2024).
 * Twin critics learn Q(s, a, proposal) from the proposal stored with each transition when it was made; the next state is
 * (s', a') with the policy's present action at s'. Temperature is tuned to `agent.entropyTarget`.
 *
 * `reward-agent` shapes with a fresh proposal of each row, as ReLara does; `diffusion-agent` with the stored one, which its
 * critic is taught on: what was used is what is learned from, row by row.
 */
export async function createRewardAgent(options: ShapingOptions, sizes: ShapingSizes, random: RandomStream): Promise<Shaper> {
  const { batchSize: rows, conditionSize } = sizes;
  const actor = proposalActor(options, conditionSize);
  const critics = criticNetworks(options, conditionSize);
  const criticLayout = joinLayouts(...critics.map((critic) => critic.layout));
  const blocks = { actor: createParameters(actor.layout), critic: createParameters(criticLayout) };
  const weights = random.stream('weights');
  actor.initialise(blocks.actor, weights);
  for (const network of critics) network.initialise(blocks.critic, weights);
  const targetCritic = createParameters(criticLayout, { beside: blocks.critic });
  targetCritic.flat.set(blocks.critic.flat);
  const temperature = createParameters(layoutOf([{ name: 'log', shape: [1] }]));
  temperature.flat[0] = Math.log(options.agent.initialTemperature);

  const training = await compile(rewardAgentProgram(actor, critics, { ...blocks, targetCritic }, rows));
  const one = await compile(proposalProgram(actor, blocks.actor, { rows: 1, conditionSize }));
  const fresh = options.kind === 'reward-agent' ? await compile(proposalProgram(actor, blocks.actor, { rows, conditionSize })) : undefined;
  const { criticLearningRate, targetRate, temperatureLearningRate, entropyTarget } = options.agent;
  const actorAdam = createAdam(blocks.actor, { learningRate: options.learningRate });
  const criticAdam = createAdam(blocks.critic, { learningRate: criticLearningRate, target: { block: targetCritic, rate: targetRate } });
  const temperatureAdam = createAdam(temperature, { learningRate: temperatureLearningRate });
  const temperatureGradient = new Float32Array(1);
  const noise = random.stream('noise');
  const drawNoise = (inputs: Partial<Record<string, Float32Array>>): void => {
    for (const name of ['normal', 'latent', 'nextNormal', 'nextLatent']) if (inputs[name] !== undefined) fillNormals(inputs[name], noise);
  };
  const shaped = new Float32Array(rows);
  const parts = {
    actor: arrayState(blocks.actor.flat),
    critic: arrayState(blocks.critic.flat),
    targetCritic: arrayState(targetCritic.flat),
    temperature: arrayState(temperature.flat),
    actorAdam: adamState(actorAdam),
    criticAdam: adamState(criticAdam),
    temperatureAdam: adamState(temperatureAdam),
    noise: streamState(noise),
  };

  return {
    kind: options.kind,
    needsNextActions: true,
    observe: () => {},
    propose: async (condition) => {
      one.inputs.condition.set(condition);
      drawNoise(one.inputs);
      await one.run();
      return one.outputs.proposal![0]!;
    },
    fit: async (batch) => {
      const { inputs, outputs, gradients } = training;
      inputs.condition.set(batch.conditions);
      inputs.proposal.set(batch.proposals);
      inputs.reward.set(batch.rewards);
      inputs.discount.set(batch.discounts);
      inputs.nextCondition.set(batch.nextConditions);
      inputs.temperature[0] = Math.exp(temperature.flat[0]!);
      drawNoise(inputs);
      await training.run();
      criticAdam.step(gradients.critic);
      actorAdam.step(gradients.actor);
      // d/d log(alpha) of -alpha (log density + entropy target).
      temperatureGradient[0] = -inputs.temperature[0]! * (outputs.logDensity![0]! + entropyTarget);
      temperatureAdam.step(temperatureGradient);
      return outputs.criticLoss![0]!;
    },
    reward: async (batch) => {
      let proposals = batch.proposals;
      if (fresh !== undefined) {
        fresh.inputs.condition.set(batch.conditions);
        drawNoise(fresh.inputs);
        await fresh.run();
        proposals = fresh.outputs.proposal!;
      }
      for (let i = 0; i < rows; i++) shaped[i] = options.weight * options.gain * proposals[i]!;
      return shaped;
    },
    save: () => saveParts(parts),
    restore: (saved) => restoreParts(saved, parts),
  };
}

/** Twin critics of (condition, proposal). */
export const criticNetworks = ({ hidden }: ShapingOptions, conditionSize: number): Network[] =>
  [0, 1].map((i) => mlp({ name: `critic${i}`, inputs: conditionSize + 1, hidden, outputs: 1, activation: 'relu' }));

type LatentInput<Name extends string> = Partial<Record<Name, [number, number]>>;

const latentInput = <Name extends string>(name: Name, actor: ProposalActor, rows: number): LatentInput<Name> => {
  const shape = actor.noiseShape(rows);
  return (shape === null ? {} : { [name]: shape }) as LatentInput<Name>;
};

/** Losses of the reward agent's critics and actor, and their gradients. */
export function rewardAgentProgram(
  actor: ProposalActor,
  critics: readonly Network[],
  blocks: Record<'actor' | 'critic' | 'targetCritic', ParameterBlock>,
  rows: number,
) {
  const conditionSize = critics[0]!.inputs - 1;
  const inputs = {
    condition: [rows, conditionSize],
    nextCondition: [rows, conditionSize],
    proposal: [rows, 1],
    reward: [rows, 1],
    discount: [rows, 1],
    temperature: [1, 1],
    normal: [rows, 1],
    nextNormal: [rows, 1],
    ...latentInput('latent', actor, rows),
    ...latentInput('nextLatent', actor, rows),
  };
  type Inputs = 'condition' | 'nextCondition' | 'proposal' | 'reward' | 'discount' | 'temperature' | 'normal' | 'nextNormal';
  return {
    inputs: inputs as Record<Inputs, number[]>,
    parameters: blocks,
    build: (given: Record<Inputs, Tf.Tensor> & { latent?: Tf.Tensor; nextLatent?: Tf.Tensor }, parameters: Record<keyof typeof blocks, NamedTensors>) => {
      const tf = tensorFlow();
      const { condition, nextCondition, proposal, reward, discount, temperature, normal, nextNormal } = given;
      const judge = (weights: NamedTensors, at: Tf.Tensor, proposed: Tf.Tensor): Tf.Tensor[] =>
        critics.map((network) => network.apply(weights, tf.concat([at, proposed], 1) as Tf.Tensor2D));
      const least = (values: Tf.Tensor[]): Tf.Tensor => values.reduce((a, b) => tf.minimum(a, b));

      const next = propose(actor.apply(parameters.actor, nextCondition, given.nextLatent ?? null), nextNormal);
      const nextValue = tf.sub(least(judge(parameters.targetCritic, nextCondition, next.proposal)), tf.mul(temperature, next.logDensity));
      const target = tf.add(reward, tf.mul(discount, nextValue));
      const critic = gradientsOf(
        (weights) => tf.addN(judge(weights, condition, proposal).map((value) => tf.mean(tf.square(tf.sub(value, target))))) as Tf.Scalar,
        parameters.critic,
      );
      const made = (weights: NamedTensors) => propose(actor.apply(weights, condition, given.latent ?? null), normal);
      const policy = gradientsOf((weights) => {
        const { proposal: own, logDensity } = made(weights);
        return tf.mean(tf.sub(tf.mul(temperature, logDensity), least(judge(parameters.critic, condition, own)))) as Tf.Scalar;
      }, parameters.actor);
      return {
        outputs: { criticLoss: critic.value, actorLoss: policy.value, logDensity: tf.mean(made(parameters.actor).logDensity) },
        gradients: { critic: critic.gradients, actor: policy.gradients },
      };
    },
  };
}

/** A proposal for each of `rows` conditions. */
export function proposalProgram(actor: ProposalActor, block: ParameterBlock, { rows, conditionSize }: { rows: number; conditionSize: number }) {
  const inputs = { condition: [rows, conditionSize], normal: [rows, 1], ...latentInput('latent', actor, rows) };
  return {
    inputs: inputs as Record<'condition' | 'normal', number[]>,
    parameters: { actor: block },
    build: (given: Record<'condition' | 'normal', Tf.Tensor> & { latent?: Tf.Tensor }, parameters: Record<'actor', NamedTensors>) => ({
      outputs: { proposal: propose(actor.apply(parameters.actor, given.condition, given.latent ?? null), given.normal).proposal },
    }),
  };
}
