import { describe, expect, it } from 'vitest';
import type { ActionHead } from '../../agents/heads.js';
import { boxHead, choiceAndLevelHead } from '../../agents/heads.js';
import { createLearner, criticNetworks, updateProgram } from '../../agents/learner.js';
import type { AgentKind, AgentOptions } from '../../agents/options.js';
import type { PolicyNetwork } from '../../agents/policyNetwork.js';
import { jointPolicy, sharedPolicy } from '../../agents/policyNetwork.js';
import type { ReplayBatch } from '../../agents/replay.js';
import { createParameters, joinLayouts, loadTensorFlow } from '../../src/engine/index.js';
import { mean } from '../../src/math/statistics.js';
import { randomStream } from '../../src/math/random.js';
import { expectAgreement } from '../src/engine/support/agree.js';
import { agentOptions } from './options.js';

const layout = { globalSize: 3, siteSize: 4, sites: 3 };
const observationSize = 15;
const sizes = (head: ActionHead) => ({ observationSize, outputs: head.size, hidden: [16, 16], outputScale: 0.3 });
const policies: Record<string, { head: ActionHead; policy: PolicyNetwork }> = {
  'shared actor': { head: boxHead(6), policy: sharedPolicy(sizes(boxHead(6)), layout) },
  'joint actor': { head: boxHead(6), policy: jointPolicy(sizes(boxHead(6))) },
  'choice of a site': { head: choiceAndLevelHead(3), policy: jointPolicy(sizes(choiceAndLevelHead(3))) },
};

function program(options: AgentOptions, { head, policy }: { head: ActionHead; policy: PolicyNetwork }, withActor: boolean) {
  const critics = criticNetworks(options, observationSize + head.size);
  const random = randomStream(5);
  const actorBlock = () => {
    const block = createParameters(policy.layout);
    policy.initialise(block, random);
    return block;
  };
  const criticBlock = () => {
    const block = createParameters(joinLayouts(...critics.map((critic) => critic.layout)));
    for (const critic of critics) critic.initialise(block, random);
    return block;
  };
  const blocks = { actor: actorBlock(), critic: criticBlock(), targetActor: actorBlock(), targetCritic: criticBlock() };
  return updateProgram(options, { policy, head, critics, blocks }, observationSize, withActor);
}

describe('the update, compiled and eager', () => {
  const random = randomStream(7);
  const draw = { uniform: () => 1e-6 + (1 - 2e-6) * random.next() };
  describe.each(Object.entries(policies))('with a %s', (_, parts) => {
    it.each<[AgentKind, boolean]>([
      ['ddpg', true],
      ['td3', true],
      ['td3', false],
    ])('agrees on %s (actor updated: %s)', (kind, withActor) => expectAgreement(program(agentOptions(kind), parts, withActor), random, draw));
  });
});

describe.each(Object.entries(policies))('a %s', (_, { head, policy }) => {
  it('acts greedily in the loop as in the graph', async () => {
    const tf = await loadTensorFlow();
    const block = createParameters(policy.layout);
    const random = randomStream(9);
    policy.initialise(block, random);
    const infer = policy.inference(block);
    const [raw, action] = [new Float32Array(head.size), new Float32Array(head.size)];
    for (let i = 0; i < 20; i++) {
      const observation = Float32Array.from({ length: observationSize }, () => random.normal());
      infer(observation, raw);
      head.act(raw, action, null, random);
      const named = Object.fromEntries(policy.layout.map(({ name, shape }) => [name, tf.tensor(block.view(name).slice(), [...shape])]));
      const graph = head.greedy(policy.apply(named, tf.tensor2d(observation, [1, observationSize]))).dataSync();
      for (let j = 0; j < head.size; j++) expect(Math.abs(action[j]! - graph[j]!)).toBeLessThan(1e-6);
    }
  });

  it('explores within its bounds', () => {
    const random = randomStream(10);
    const action = new Float32Array(head.size);
    const raw = Float32Array.from({ length: head.size }, () => 2 * random.normal());
    for (let i = 0; i < 500; i++) {
      if (i % 2 === 0) head.random(action, random);
      else head.act(raw, action, { noise: 0.5, epsilon: 0.3 }, random);
      expect(action.every((value) => Math.abs(value) <= 1)).toBe(true);
      if (head.noiseSize > 0) expect(mean(action.subarray(0, head.noiseSize)) * head.noiseSize).toBeCloseTo(1);
    }
  });
});

it('a shared actor gives permuted sites permuted actions', () => {
  const { policy } = policies['shared actor']!;
  const block = createParameters(policy.layout);
  const random = randomStream(11);
  policy.initialise(block, random);
  const infer = policy.inference(block);
  const fleet = [0.3, -1, 0.7];
  const sites = Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => random.normal()));
  const act = (order: readonly number[]): number[] => {
    const raw = new Float32Array(6);
    infer(Float32Array.from([...fleet, ...order.flatMap((k) => sites[k]!)]), raw);
    return [...raw];
  };
  const [straight, turned] = [act([0, 1, 2]), act([2, 0, 1])];
  [2, 0, 1].forEach((from, to) => {
    for (const i of [0, 1]) expect(turned[2 * to + i]!).toBeCloseTo(straight[2 * from + i]!, 6);
  });
});

describe.each<AgentKind>(['ddpg', 'td3'])('%s', (kind) => {
  it('learns the best action of a one-step problem, r = -(a - s)^2', async () => {
    const options = agentOptions(kind, { hidden: [32, 32], batchSize: 32, actorLearningRate: 2e-3, criticLearningRate: 5e-3 });
    const head = boxHead(1);
    const policy = jointPolicy({ observationSize: 1, outputs: 1, hidden: [32, 32], outputScale: 0.05 });
    const learner = await createLearner(options, policy, { observationSize: 1, head }, randomStream(1));
    const random = randomStream(2);
    const regret = (): number => {
      const [raw, action] = [new Float32Array(1), new Float32Array(1)];
      return mean(
        [-0.6, -0.3, 0, 0.3, 0.6].map((state) => {
          learner.infer(Float32Array.of(state), raw);
          head.act(raw, action, null, random);
          return (action[0]! - state) ** 2;
        }),
      );
    };
    const before = regret();
    const { batchSize } = options;
    const uniform = (): Float32Array => Float32Array.from({ length: batchSize }, () => 2 * random.next() - 1);
    for (let i = 0; i < 1200; i++) {
      const observations = uniform().map((value) => 0.8 * value);
      const actions = uniform();
      const batch: ReplayBatch = {
        observations,
        actions,
        rewards: actions.map((action, row) => -((action - observations[row]!) ** 2)),
        next: new Float32Array(batchSize),
        discounts: new Float32Array(batchSize),
        labels: new Float32Array(batchSize),
      };
      await learner.update(batch, 1);
    }
    expect(before).toBeGreaterThan(0.1);
    expect(regret()).toBeLessThan(0.01);
  });
});
