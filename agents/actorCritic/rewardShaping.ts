import type * as Tf from '@tensorflow/tfjs';
import type { Shaper, ShapingBatch, ShapingOptions } from '../../diffusion/index.js';
import type { NamedTensors, ParameterBlock } from '../../src/engine/index.js';
import { compile } from '../../src/engine/index.js';
import type { Stateful } from '../../src/io/checkpoint.js';
import { countState, restoreParts, saveParts } from '../../src/io/checkpoint.js';
import type { ActionHead } from './heads.js';
import type { Learner } from './learner.js';
import type { PolicyNetwork } from './networks.js';
import type { ReplayBatch } from '../replay.js';

export interface RewardShapingParts {
  readonly shaper: Shaper;
  readonly shaping: ShapingOptions;
  readonly learner: Pick<Learner, 'policy' | 'actor'>;
  readonly head: ActionHead;
  readonly observationSize: number;
  readonly batchSize: number;
}

/** A shaper at work in a training: fed with minibatches, its reward added to theirs. */
export interface RewardShaping extends Stateful {
  observe(label: number): void;
  /** What to store with the transition as the shaper's proposal. */
  propose(observation: Float32Array, action: Float32Array): Promise<number>;
  /**
   * Lets the shaper learn from a batch whose rewards are scaled, every `fitEvery` calls, and from `warmUpSteps` on adds
   * what it synthesises to them. Returns the shaper's loss, null if it did not learn.
   */
  shape(batch: ReplayBatch, step: number): Promise<number | null>;
}

/** Puts (state, action) together for a shaper, the policy's next action included where it asks for it. */
export function createRewardShaping(parts: RewardShapingParts): RewardShaping {
  const { shaper, shaping, learner, head, observationSize, batchSize } = parts;
  const width = observationSize + head.size;
  const conditions = new Float32Array(batchSize * width);
  const nextConditions = new Float32Array(batchSize * width);
  const one = new Float32Array(width);
  const acting = shaper.needsNextActions ? compile(greedyProgram(learner.policy, head, learner.actor, [batchSize, observationSize])) : null;
  let updates = 0;

  const fill = (target: Float32Array, observations: Float32Array, actions: Float32Array): void => {
    for (let row = 0; row < batchSize; row++) {
      target.set(observations.subarray(row * observationSize, (row + 1) * observationSize), row * width);
      target.set(actions.subarray(row * head.size, (row + 1) * head.size), row * width + observationSize);
    }
  };
  const noActions = new Float32Array(batchSize * head.size);
  const nextActions = async (next: Float32Array): Promise<Float32Array> => {
    if (acting === null) return noActions;
    const program = await acting;
    program.inputs.observations.set(next);
    await program.run();
    return program.outputs.action!;
  };

  const states = {
    shaper,
    count: countState(() => ({ updates }), (saved) => void ({ updates } = saved)),
  } satisfies Record<string, Stateful>;
  return {
    observe: shaper.observe,
    propose: (observation, action) => {
      one.set(observation);
      one.set(action, observationSize);
      return shaper.propose(one);
    },
    shape: async (batch, step) => {
      const { rewards, discounts, labels, proposals } = batch;
      const given: ShapingBatch = { conditions, nextConditions, labels, rewards, discounts, proposals };
      const fits = updates++ % shaping.fitEvery === 0;
      const speaks = step >= shaping.warmUpSteps;
      if (fits || speaks) fill(conditions, batch.observations, batch.actions);
      let loss: number | null = null;
      if (fits) {
        fill(nextConditions, batch.next, await nextActions(batch.next));
        loss = await shaper.fit(given);
      }
      if (speaks) {
        const synthesised = await shaper.reward(given);
        for (let i = 0; i < rewards.length; i++) rewards[i]! += synthesised[i]!;
      }
      return loss;
    },
    save: () => saveParts(states),
    restore: (saved) => restoreParts(saved, states),
  };
}

/** The policy's greedy action in each of some states. */
function greedyProgram(policy: PolicyNetwork, head: ActionHead, actor: ParameterBlock, observations: [number, number]) {
  return {
    inputs: { observations },
    parameters: { actor },
    build: (inputs: Record<'observations', Tf.Tensor>, parameters: Record<'actor', NamedTensors>) => ({
      outputs: { action: head.greedy(policy.apply(parameters.actor, inputs.observations as Tf.Tensor2D)) },
    }),
  };
}
