import { beforeAll, describe, expect, it } from 'vitest';
import { outcomeShares, quantileLoss } from '../../../agents/actorCritic/critics.js';
import { boxHead, choiceAndLevelHead } from '../../../agents/actorCritic/heads.js';
import { createLearner } from '../../../agents/actorCritic/learner.js';
import { jointPolicy } from '../../../agents/actorCritic/networks.js';
import { checkCritics } from '../../../agents/actorCritic/options.js';
import { choiceAndGaussianHead, gaussianHead } from '../../../agents/actorCritic/stochasticHeads.js';
import { fillTargetNoise } from '../../../agents/actorCritic/update.js';
import type { AgentKind } from '../../../agents/registry.js';
import type { ReplayBatch } from '../../../agents/replay.js';
import { loadTensorFlow, tensorFlow } from '../../../src/engine/index.js';
import { randomStream } from '../../../src/math/random.js';
import { mean } from '../../../src/math/statistics.js';
import { agentOptions } from '../options.js';

beforeAll(loadTensorFlow);

describe('quantile regression', () => {
  it('is at rest at the quantiles of what it is shown, and falls towards them', () => {
    const tf = tensorFlow();
    // 2,001 outcomes of an exponential distribution, evenly spread in probability.
    const outcomes = tf.tensor2d([Array.from({ length: 2001 }, (_, i) => -3 * Math.log(1 - (i + 0.5) / 2001))]);
    const quantiles = [0.1, 0.3, 0.5, 0.7, 0.9].map((level) => -3 * Math.log(1 - level));
    const slope = tf.grad((said) => quantileLoss(said, outcomes));
    const at = (shift: number): number[] => [...slope(tf.tensor2d([quantiles.map((value) => value + shift)])).dataSync()];
    for (const value of at(0)) expect(Math.abs(value)).toBeLessThan(0.015);
    for (const value of at(0.6)) expect(value).toBeGreaterThan(0.015);
    for (const value of at(-0.6)) expect(value).toBeLessThan(-0.015);
  });

  it('weighs the worst outcomes by the share of them that the level takes', () => {
    expect(outcomeShares({ quantiles: 4, objective: 'mean', riskLevel: 0.1 })).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(outcomeShares({ quantiles: 4, objective: 'cvar', riskLevel: 0.375 }).map((share) => Number(share.toFixed(12)))).toEqual([0.666666666667, 0.333333333333, 0, 0]);
    expect(outcomeShares({ quantiles: 4, objective: 'cvar', riskLevel: 0.01 })).toEqual([1, 0, 0, 0]);
  });
});

it.each([
  [{ objective: 'cvar' } as const, 'agent.objective: found cvar with agent.critic expectation, expected mean'],
  [{ critic: 'quantile', quantiles: 100, batchSize: 1000 } as const, 'agent.quantiles: found 100 with agent.batchSize 1000, 10000000 pairs'],
])('refuses %o', (chosen, message) => expect(() => checkCritics(agentOptions('td3', chosen))).toThrow(message));

it("puts the target's noise on continuous components alone", () => {
  const options = { targetNoise: 0.2, targetNoiseClip: 0.3 };
  for (const [head, choices] of [[boxHead(4), 0], [gaussianHead(4), 0], [choiceAndLevelHead(3), 3], [choiceAndGaussianHead(3), 3]] as const) {
    const noise = new Float32Array(1000 * head.size).fill(9);
    fillTargetNoise(noise, head, options, randomStream(1));
    const [ofChoice, ofLevel] = [noise.filter((_, i) => i % head.size < choices), noise.filter((_, i) => i % head.size >= choices)];
    expect(ofChoice.every((value) => value === 0)).toBe(true);
    expect(ofLevel.filter((value) => value === 0)).toHaveLength(0);
    expect(Math.max(...ofLevel)).toBeCloseTo(0.3, 6);
  }
});

/** A learner of one step of one state: (1 - (a - .5)^2) +- .6 (a + 1), each sign as often; its action after some updates. */
async function learned(kind: AgentKind, chosen: object, updates: number): Promise<{ action: number; weights: Float32Array }> {
  const options = agentOptions(kind, { hidden: [32, 32], batchSize: 64, actorLearningRate: 2e-3, criticLearningRate: 5e-3, ...chosen });
  const head = kind === 'sac' ? gaussianHead(1) : boxHead(1);
  const policy = jointPolicy({ observationSize: 1, outputs: head.rawSize, hidden: [32, 32], outputScale: 0.05 });
  const learner = await createLearner(options, { policy, head, observationSize: 1 }, randomStream(1));
  const random = randomStream(2);
  const { batchSize } = options;
  const nothing = new Float32Array(batchSize);
  const [raw, action] = [new Float32Array(head.rawSize), new Float32Array(1)];
  const late: number[] = [];
  for (let i = 0; i < updates; i++) {
    const actions = Float32Array.from({ length: batchSize }, () => 2 * random.next() - 1);
    const rewards = actions.map((a) => 1 - (a - 0.5) ** 2 + (random.next() < 0.5 ? 0.6 : -0.6) * (a + 1));
    const batch: ReplayBatch = { observations: nothing, actions, rewards, next: nothing, discounts: nothing, labels: nothing, proposals: nothing };
    await learner.update(batch, 1 - (0.9 * i) / updates);
    learner.infer(Float32Array.of(0), raw);
    head.act(raw, action, null, random);
    if (i >= 0.8 * updates) late.push(action[0]!);
  }
  return { action: mean(late), weights: learner.actor.flat.slice() };
}

describe.each<AgentKind>(['ddpg', 'td3', 'sac'])('%s with quantile critics', (kind) => {
  it('finds the best mean, .5, or the best mean of the worst quarter, .2', async () => {
    const neutral = await learned(kind, { critic: 'quantile' }, 2000);
    const averse = await learned(kind, { critic: 'quantile', objective: 'cvar' }, 2000);
    expect(Math.abs(neutral.action - 0.5)).toBeLessThan(0.12);
    expect(Math.abs(averse.action - 0.2)).toBeLessThan(0.12);
  }, 300_000);

  it('learns the same weights from the same seed', async () => {
    const chosen = { critic: 'quantile', objective: 'cvar', quantiles: 8 };
    expect((await learned(kind, chosen, 20)).weights).toEqual((await learned(kind, chosen, 20)).weights);
  });
});
