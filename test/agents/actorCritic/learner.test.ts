import { describe, expect, it } from 'vitest';
import type { ActionHead } from '../../../agents/actorCritic/heads.js';
import { boxHead, choiceAndLevelHead } from '../../../agents/actorCritic/heads.js';
import { createLearner } from '../../../agents/actorCritic/learner.js';
import { criticNetworks } from '../../../agents/actorCritic/critics.js';
import { temperatureLayout, updateProgram } from '../../../agents/actorCritic/update.js';
import { choiceAndGaussianHead, gaussianHead } from '../../../agents/actorCritic/stochasticHeads.js';
import type { AgentOptions } from '../../../agents/actorCritic/options.js';
import type { AgentKind } from '../../../agents/registry.js';
import type { PolicyNetwork } from '../../../agents/actorCritic/networks.js';
import { jointPolicy, sharedPolicy } from '../../../agents/actorCritic/networks.js';
import type { ReplayBatch } from '../../../agents/replay.js';
import { createParameters, joinLayouts, loadTensorFlow } from '../../../src/engine/index.js';
import { mean } from '../../../src/math/statistics.js';
import { randomStream } from '../../../src/math/random.js';
import { expectAgreement } from '../../src/engine/support/agree.js';
import { agentOptions } from '../options.js';

const layout = { globalSize: 3, siteSize: 4, sites: 3 };
const observationSize = 15;
const sizes = (head: ActionHead) => ({ observationSize, outputs: head.rawSize, groups: head.rawGroups, hidden: [16, 16], outputScale: 0.3 });
const policies: Record<string, { head: ActionHead; policy: PolicyNetwork }> = {
  'shared actor': { head: boxHead(6), policy: sharedPolicy(sizes(boxHead(6)), layout) },
  'joint actor': { head: boxHead(6), policy: jointPolicy(sizes(boxHead(6))) },
  'choice of a site': { head: choiceAndLevelHead(3), policy: jointPolicy(sizes(choiceAndLevelHead(3))) },
};
const stochastic: typeof policies = {
  'shared stochastic actor': { head: gaussianHead(6), policy: sharedPolicy(sizes(gaussianHead(6)), layout) },
  'stochastic choice of a site': { head: choiceAndGaussianHead(3), policy: jointPolicy(sizes(choiceAndGaussianHead(3))) },
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
  const logTemperature = createParameters(temperatureLayout);
  logTemperature.flat[0] = -0.7;
  const blocks = { actor: actorBlock(), critic: criticBlock(), targetActor: actorBlock(), targetCritic: criticBlock(), logTemperature };
  return updateProgram(options, { policy, head, observationSize, critics, blocks }, withActor);
}

describe('the update, compiled and eager', () => {
  const random = randomStream(7);
  describe.each(Object.entries(policies))('with a %s', (_, parts) => {
    it.each<[AgentKind, boolean]>([
      ['ddpg', true],
      ['td3', true],
      ['td3', false],
    ])('agrees on %s (actor updated: %s)', (kind, withActor) => expectAgreement(program(agentOptions(kind), parts, withActor), random));
  });
  it.each<[AgentKind, object]>(
    (['ddpg', 'td3', 'sac'] as const).flatMap((kind) => (['mean', 'cvar'] as const).map((objective) => [kind, { objective, quantiles: 5 }] as [AgentKind, object])),
  )('agree on %s with quantile critics: %o', (kind, chosen) => {
    const parts = kind === 'sac' ? stochastic['stochastic choice of a site']! : policies['choice of a site']!;
    return expectAgreement(program(agentOptions(kind, { critic: 'quantile', ...chosen }), parts, true), random);
  });
  it.each(Object.entries(stochastic))('agree on sac with a %s', (_, parts) => expectAgreement(program(agentOptions('sac'), parts, true), random));
});

describe.each(Object.entries({ ...policies, ...stochastic }))('a %s', (_, { head, policy }) => {
  it('acts greedily in the loop as in the graph', async () => {
    const tf = await loadTensorFlow();
    const block = createParameters(policy.layout);
    const random = randomStream(9);
    policy.initialise(block, random);
    const infer = policy.inference(block);
    const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(head.size)];
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
    const raw = Float32Array.from({ length: head.rawSize }, () => 2 * random.normal());
    for (let i = 0; i < 500; i++) {
      if (i % 2 === 0) head.random(action, random);
      else head.act(raw, action, { noise: 0.5, epsilon: 0.3 }, random);
      expect(action.every((value) => Math.abs(value) <= 1)).toBe(true);
      if (head.size === 4) expect([...action.subarray(0, 3)].sort()).toEqual([0, 0, 1]);
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

it('a shared stochastic actor gives each component its own mean and deviation', () => {
  const { head, policy } = stochastic['shared stochastic actor']!;
  const block = createParameters(policy.layout);
  policy.initialise(block, randomStream(12));
  const raw = new Float32Array(head.rawSize);
  // Sites that differ: were the groups laid out otherwise, equal sites would not show it.
  const site = (k: number): number[] => [0.5 * k, -k, 1 - k, 0.2];
  policy.inference(block)(Float32Array.from([0.1, 0.2, 0.3, ...site(0), ...site(1), ...site(0)]), raw);
  const [means, deviations] = [raw.subarray(0, 6), raw.subarray(6)];
  for (const part of [means, deviations]) {
    expect([...part.subarray(4)]).toEqual([...part.subarray(0, 2)]);
    expect(part[2]).not.toBeCloseTo(part[0]!, 6);
  }
});

describe('the entropy of a stochastic head', () => {
  it('is that of the samples it gives', async () => {
    const tf = await loadTensorFlow();
    const random = randomStream(13);
    const head = gaussianHead(1);
    const rows = 20_000;
    const noise = new Float32Array(rows);
    head.drawNoise(noise, random);
    const raw = [0.4, -0.3];
    const { action, entropy } = head.sample(tf.tile(tf.tensor2d([raw]), [rows, 1]), tf.tensor2d(noise, [rows, 1]));
    // Histogram estimate of the differential entropy.
    const bins = new Float64Array(100);
    for (const a of action.dataSync()) bins[Math.min(99, Math.floor(((a + 1) / 2) * 100))]! += 1 / rows;
    const histogram = -[...bins].reduce((sum, p) => sum + (p === 0 ? 0 : p * Math.log(p / 0.02)), 0);
    expect(mean([...entropy!.dataSync()])).toBeCloseTo(histogram, 1);
    const acted = new Float32Array(1);
    const drawn = Array.from({ length: 5000 }, () => (head.act(Float32Array.from(raw), acted, { noise: 0, epsilon: 0 }, random), acted[0]!));
    expect(mean(drawn)).toBeCloseTo(mean([...action.dataSync()]), 1);
  });

  it('of a choice is in closed form, and choices come as often as their logits say', async () => {
    const tf = await loadTensorFlow();
    const random = randomStream(14);
    const head = choiceAndGaussianHead(3);
    const raw = [Math.log(0.6), Math.log(0.3), Math.log(0.1), 0.2, 0.1];
    const noise = new Float32Array(4 * 5000);
    head.drawNoise(noise, random);
    const { action, entropy } = head.sample(tf.tile(tf.tensor2d([raw]), [5000, 1]), tf.tensor2d(noise, [5000, 4]));
    const shares = action.mean(0).dataSync();
    const level = gaussianHead(1).sample(tf.tensor2d([[0.2, 0.1]]).tile([5000, 1]), tf.tensor2d(noise.filter((_, i) => i % 4 === 3), [5000, 1]));
    const choice = -(0.6 * Math.log(0.6) + 0.3 * Math.log(0.3) + 0.1 * Math.log(0.1));
    expect(mean([...entropy!.dataSync()])).toBeCloseTo(choice + mean([...level.entropy!.dataSync()]), 4);
    const counts = [0, 0, 0];
    const acted = new Float32Array(4);
    for (let i = 0; i < 5000; i++) {
      head.act(Float32Array.from(raw), acted, { noise: 0, epsilon: 0 }, random);
      counts[acted.indexOf(1)]!++;
    }
    [0.6, 0.3, 0.1].forEach((share, i) => {
      expect(Math.abs(shares[i]! - share)).toBeLessThan(0.03);
      expect(Math.abs(counts[i]! / 5000 - share)).toBeLessThan(0.03);
    });
  });
});

describe.each<AgentKind>(['ddpg', 'td3', 'sac'])('%s', (kind) => {
  it('learns the best action of a one-step problem, r = -(a - s)^2', async () => {
    const options = agentOptions(kind, { hidden: [32, 32], batchSize: 32, actorLearningRate: 2e-3, criticLearningRate: 5e-3 });
    const head = kind === 'sac' ? gaussianHead(1) : boxHead(1);
    const policy = jointPolicy({ observationSize: 1, outputs: head.rawSize, hidden: [32, 32], outputScale: 0.05 });
    const learner = await createLearner(options, { policy, head, observationSize: 1 }, randomStream(1));
    const random = randomStream(2);
    const regret = (): number => {
      const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(1)];
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
        proposals: new Float32Array(batchSize),
      };
      await learner.update(batch, 1);
    }
    expect(before).toBeGreaterThan(0.1);
    expect(regret()).toBeLessThan(0.01);
  });
});
