import type { AgentOptions } from '../../agents/index.js';
import { agentSchema, boxHead, createLearner, jointPolicy, resolveAgent } from '../../agents/index.js';
import { createLabelShaper, shapingSchema } from '../../diffusion/index.js';
import type { ShapingBatch } from '../../diffusion/index.js';
import { randomStream } from '../../src/math/random.js';
import { mean } from '../../src/math/statistics.js';

/** Credit of a decision a in [-1, 1]: 1 - (a - .5)^2, and .6 (a + 1) more or less, either as often. */
export const credit = (action: number, lucky: boolean): number => 1 - (action - 0.5) ** 2 + (lucky ? 0.6 : -0.6) * (action + 1);

/** Where the mean of the credit is largest, and where the mean of its worst half is. */
export const best = { mean: 0.5, worst: 0.2 } as const;

/** What is synthesised, and what the learner makes of it. */
export interface TieTrial {
  readonly shaping: 'diffusion' | 'regression';
  readonly learning: Pick<AgentOptions, 'critic' | 'objective'>;
  readonly seed: number;
  /** Fits of the shaper before the learner starts, and updates of the learner. */
  readonly fits: number;
  readonly updates: number;
}

/** What a trial comes to. */
export interface TieFigures {
  /** The learner's greedy action, mean over the last fifth of the updates. */
  readonly action: number;
  /** Of the synthesised reward at the action .5, in deviations of credit: over 64 x 20 rewards. */
  readonly rewardMean: number;
  readonly rewardDeviation: number;
}

const rows = 64;

/**
 * One step, one state, a reward that is withheld: a DDPG learns from synthesised rewards alone, by a diffusion model's
 * samples or by the matched regression's mean, of the same credit.
 */
export async function tie({ shaping, learning, seed, fits, updates }: TieTrial): Promise<TieFigures> {
  const random = randomStream(seed, `tie ${shaping}`);
  const shapes = shapingSchema.parse({ kind: shaping, weight: 1, gain: 1 });
  const shaper = await createLabelShaper(shapes, { observationSize: 1, conditionSize: 2, batchSize: rows }, random.stream('shaper'));
  const nothing = new Float32Array(rows);
  const draw = (fixed?: number): ShapingBatch & { actions: Float32Array } => {
    const actions = Float32Array.from({ length: rows }, () => fixed ?? 2 * random.next() - 1);
    const conditions = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 0 : actions[(i - 1) / 2]!));
    const labels = actions.map((action) => credit(action, random.next() < 0.5));
    return { actions, conditions, nextConditions: conditions, labels, rewards: nothing, discounts: nothing, proposals: nothing };
  };
  for (let fit = 0; fit < fits; fit++) {
    const batch = draw();
    batch.labels.forEach(shaper.observe);
    await shaper.fit(batch);
  }

  const options: AgentOptions = {
    ...resolveAgent(agentSchema.parse({ kind: 'ddpg', hidden: [32, 32], batchSize: rows, actorLearningRate: 2e-3, criticLearningRate: 5e-3 })),
    ...learning,
  };
  const head = boxHead(1);
  const policy = jointPolicy({ observationSize: 1, outputs: 1, hidden: options.hidden, outputScale: options.initialOutputScale });
  const learner = await createLearner(options, { policy, head, observationSize: 1 }, random.stream('learner'));
  const raw = new Float32Array(1);
  const late: number[] = [];
  for (let update = 0; update < updates; update++) {
    const batch = draw();
    const rewards = await shaper.reward(batch);
    await learner.update({ ...batch, observations: nothing, rewards, next: nothing }, 1 - (0.9 * update) / updates);
    learner.infer(nothing.subarray(0, 1), raw);
    if (update >= 0.8 * updates) late.push(Math.tanh(raw[0]!));
  }

  const given: number[] = [];
  for (let i = 0; i < 20; i++) given.push(...(await shaper.reward(draw(best.mean))));
  const rewardMean = mean(given);
  return { action: mean(late), rewardMean, rewardDeviation: Math.sqrt(mean(given.map((value) => (value - rewardMean) ** 2))) };
}
