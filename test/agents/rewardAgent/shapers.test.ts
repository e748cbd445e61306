import { describe, expect, it } from 'vitest';
import { baselineProgram } from '../../../diffusion/shapers/baseline.js';
import type { ShapingBatch, ShapingOptions } from '../../../diffusion/index.js';
import { shapingKinds, shapingSchema } from '../../../diffusion/index.js';
import { labelKinds } from '../../../diffusion/shapers/options.js';
import { criticNetworks } from '../../../agents/actorCritic/critics.js';
import { temperatureLayout, updateProgram } from '../../../agents/actorCritic/update.js';
import { proposalNetwork } from '../../../agents/rewardAgent/networks.js';
import { proposalHead, proposalProgram, updateOptions } from '../../../agents/rewardAgent/rewardAgent.js';
import { createShaper } from '../../../agents/rewardAgent/shaper.js';
import { createParameters, joinLayouts, mlp } from '../../../src/engine/index.js';
import { randomStream } from '../../../src/math/random.js';
import { mean, standardDeviation } from '../../../src/math/statistics.js';
import { expectAgreement } from '../../src/engine/support/agree.js';

const rows = 64;
const sizes = { observationSize: 1, conditionSize: 2, batchSize: rows };
const parse = (options: object): ShapingOptions => shapingSchema.parse(options);
const shaperKinds = shapingKinds.filter((kind) => kind !== 'none');

/** Credit 10 + 4 s - 2 a of states and actions on a grid; paid only where the action is positive; the next state is the state. */
function line(): ShapingBatch {
  const conditions = new Float32Array(2 * rows);
  const nextConditions = new Float32Array(2 * rows);
  const labels = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    const [state, action] = [i / 32 - 1, ((i * 7) % 16) / 8 - 1];
    conditions.set([state, action], 2 * i);
    nextConditions.set([state, 0], 2 * i);
    labels[i] = 10 + 4 * state - 2 * action;
  }
  return {
    conditions,
    nextConditions,
    labels,
    rewards: labels.map((label, i) => (conditions[2 * i + 1]! > 0 ? label : 0)),
    discounts: new Float32Array(rows).fill(0.5),
    proposals: new Float32Array(rows),
  };
}

describe('programs, compiled and eager', () => {
  const random = randomStream(4);
  const draw = { actions: () => 2 * random.next() - 1 };
  it.each(['reward-agent', 'diffusion-agent'] as const)('agree on the %s', async (kind) => {
    const options = parse({ kind, hidden: [8, 8], denoisingSteps: 3 });
    const policy = proposalNetwork(options, 5);
    const update = updateOptions(options, 7);
    const critics = criticNetworks(update, 5 + 1);
    const actor = createParameters(policy.layout);
    policy.initialise(actor, random);
    const criticBlock = () => {
      const made = createParameters(joinLayouts(...critics.map((critic) => critic.layout)));
      for (const critic of critics) critic.initialise(made, random);
      return made;
    };
    const logTemperature = createParameters(temperatureLayout);
    logTemperature.flat[0] = Math.log(0.2);
    const blocks = { actor, targetActor: actor, critic: criticBlock(), targetCritic: criticBlock(), logTemperature };
    await expectAgreement(updateProgram(update, { policy, head: proposalHead, observationSize: 5, critics, blocks }, true), random, draw);
    await expectAgreement(proposalProgram(policy, actor, { rows: 7, conditionSize: 5 }), random);
  });
  it('agree on the baseline', async () => {
    const network = mlp({ name: 'value', inputs: 4, hidden: [8, 8], outputs: 1, activation: 'silu' });
    const made = () => {
      const block = createParameters(network.layout);
      network.initialise(block, random);
      return block;
    };
    await expectAgreement(baselineProgram(network, { value: made(), target: made() }, 7), random);
  });
});

describe('options', () => {
  it.each([
    [{ spreadWeight: 1 }, /samples of at least 2/],
    [{ kind: 'regression', samples: 4, spreadWeight: -1 }, /no spread of samples/],
    [{ label: 'reward' }, /label/],
  ])('refuse %o', (options, message) => expect(() => parse(options)).toThrow(message));
});

describe('shapers with labels', () => {
  const batch = line();
  const reference = { mean: mean(batch.labels), deviation: standardDeviation(batch.labels) };
  const trained = async (options: object, steps: number) => {
    const shaper = (await createShaper(parse({ hidden: [32, 32], learningRate: 3e-3, weight: 0.4, gain: 0.5, ...options }), sizes, randomStream(6)))!;
    for (const label of batch.labels) shaper.observe(label);
    for (let i = 0; i < steps; i++) await shaper.fit(batch);
    return shaper;
  };
  const correlation = (a: readonly number[], b: readonly number[]): number => {
    const [meanA, meanB] = [mean(a), mean(b)];
    return mean(a.map((x, i) => (x - meanA) * (b[i]! - meanB))) / Math.sqrt(mean(a.map((x) => (x - meanA) ** 2)) * mean(b.map((x) => (x - meanB) ** 2)));
  };

  it.each(['regression', 'diffusion'] as const)('by %s give back a line of credit, standardised and weighted', async (kind) => {
    const shaper = await trained({ kind, samples: kind === 'diffusion' ? 8 : 1 }, 800);
    const errors = [...(await shaper.reward(batch))].map((shaped, i) => shaped / 0.2 - (batch.labels[i]! - reference.mean) / reference.deviation);
    expect(mean(errors.map(Math.abs))).toBeLessThan(kind === 'regression' ? 0.05 : 0.15);
  });

  it('say the same of every row without a condition', async () => {
    const shaper = await trained({ kind: 'regression', condition: false }, 100);
    expect(new Set(await shaper.reward(batch)).size).toBe(1);
  });

  it('move by the spread of the samples, up or down', async () => {
    // Two kinds of rows with the same mean: credit of +-1 where the state is negative, always 0 elsewhere.
    const random = randomStream(5);
    const spread = { ...batch, labels: new Float32Array(rows) };
    const redraw = (): void => void spread.labels.forEach((_, i) => (spread.labels[i] = i < rows / 2 ? (random.next() < 0.5 ? 1 : -1) : 0));
    const advantageOfRisk = async (spreadWeight: number): Promise<number> => {
      const shaper = (await createShaper(parse({ hidden: [32, 32], learningRate: 3e-3, samples: 16, spreadWeight }), sizes, randomStream(6)))!;
      for (let i = 0; i < 500; i++) {
        redraw();
        spread.labels.forEach(shaper.observe);
        await shaper.fit(spread);
      }
      const shaped = [...(await shaper.reward(spread))];
      return mean(shaped.slice(0, rows / 2)) - mean(shaped.slice(rows / 2));
    };
    const [averse, neutral, optimistic] = [await advantageOfRisk(-1), await advantageOfRisk(0), await advantageOfRisk(1)];
    expect(Math.abs(neutral)).toBeLessThan(0.25);
    expect(optimistic).toBeGreaterThan(0.5);
    expect(averse).toBeLessThan(-0.5);
  });

  it('learn advantages: which action pays more than its state promises', async () => {
    const shaper = await trained({ kind: 'regression', label: 'advantage' }, 1500);
    const shaped = [...(await shaper.reward(batch))];
    const acts = shaped.map((_, i) => (batch.conditions[2 * i + 1]! > 0 ? 1 : 0));
    expect(correlation(shaped, acts)).toBeGreaterThan(0.8);
    expect(Math.abs(correlation(shaped, shaped.map((_, i) => batch.conditions[2 * i]!)))).toBeLessThan(0.3);
  });
});

describe('reward agents', () => {
  it.each(['reward-agent', 'diffusion-agent'] as const)('by %s propose what their critic values, row by row', async (kind) => {
    // Paid is what agrees in sign with the state: a proposal near the state's sign is best.
    const options = parse({ kind, hidden: [32, 32], learningRate: 3e-3, agent: { criticLearningRate: 3e-3, initialTemperature: 0.01, temperatureLearningRate: 0 } });
    const shaper = (await createShaper(options, sizes, randomStream(3)))!;
    const batch = { ...line(), discounts: new Float32Array(rows) };
    const random = randomStream(2);
    for (let i = 0; i < 600; i++) {
      batch.proposals.forEach((_, row) => (batch.proposals[row] = 2 * random.next() - 1));
      batch.rewards.forEach((_, row) => (batch.rewards[row] = batch.proposals[row]! * Math.sign(batch.conditions[2 * row]! || 1)));
      await shaper.fit(batch);
    }
    const proposed: number[] = [];
    for (let row = 0; row < rows; row++) proposed.push(await shaper.propose(batch.conditions.subarray(2 * row, 2 * row + 2)));
    expect(mean(proposed.slice(0, 28))).toBeLessThan(-0.7);
    expect(mean(proposed.slice(36))).toBeGreaterThan(0.7);
    expect(Math.max(...proposed.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it('shape by the stored proposal of each row (diffusion-agent)', async () => {
    const options = parse({ kind: 'diffusion-agent', hidden: [8], weight: 0.5, gain: 2 });
    const shaper = (await createShaper(options, sizes, randomStream(3)))!;
    const batch = { ...line(), proposals: Float32Array.from({ length: rows }, (_, i) => i / rows) };
    expect([...(await shaper.reward(batch))]).toEqual([...batch.proposals]);
  });
});

describe.each(shaperKinds.flatMap((kind) => (kind === 'diffusion' ? labelKinds : (['settlement'] as const)).map((label) => [kind, label] as const)))(
  'a %s shaper on %s',
  (kind, label) => {
    const batch = line();
    const make = async (seed: number) => (await createShaper(parse({ kind, label, hidden: [8], samples: 2 }), sizes, randomStream(seed)))!;
    const learn = async (shaper: Awaited<ReturnType<typeof make>>): Promise<number[]> => {
      for (const label of batch.labels) shaper.observe(label);
      const losses: number[] = [];
      for (let i = 0; i < 5; i++) losses.push(await shaper.fit(batch));
      return [...losses, ...(await shaper.reward(batch)), await shaper.propose(batch.conditions.subarray(0, 2))];
    };

    it('is the same for the same seed, and goes on from what was saved bit for bit', async () => {
      const [first, twin, other] = [await make(1), await make(1), await make(2)];
      expect(await learn(first)).toEqual(await learn(twin));
      other.restore(structuredClone(first.save()));
      expect(await learn(other)).toEqual(await learn(first));
    });
  },
);

it('a reward agent refuses a checkpoint of the format before', async () => {
  const shaper = (await createShaper(parse({ kind: 'reward-agent', hidden: [8] }), sizes, randomStream(1)))!;
  const { arrays, values } = shaper.save();
  const { format: _, ...before } = values;
  expect(() => shaper.restore({ arrays, values: before })).toThrow('The checkpoint holds a reward agent of format 1, expected format 2: train the run anew.');
});

it('may be absent', async () => expect(await createShaper(parse({ kind: 'none' }), sizes, randomStream(1))).toBeNull());
