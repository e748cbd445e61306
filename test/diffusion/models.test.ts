import { describe, expect, it } from 'vitest';
import { samplingProgram, trainingProgram } from '../../diffusion/ddpm.js';
import type { DiffusionModelOptions } from '../../diffusion/ddpm.js';
import { denoiserNetwork } from '../../diffusion/denoiser.js';
import { mixtureSize } from '../../diffusion/mixture.js';
import { noiseSchedule } from '../../diffusion/index.js';
import type { ProbeFigures } from '../../experiments/shaping/probes.js';
import { drawProbe, figuresOf, probes, tryProbes } from '../../experiments/shaping/probes.js';
import { predictionProgram, regressionProgram } from '../../diffusion/shapers/regressor.js';
import type { Network } from '../../src/engine/index.js';
import { createParameters, mlp } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import { expectAgreement } from '../src/engine/support/agree.js';

const small: DiffusionModelOptions = {
  sampleSize: 2,
  conditionSize: 5,
  steps: 5,
  schedule: 'vp',
  hidden: [16, 16],
  embeddingSize: 8,
  learningRate: 1e-3,
  batchSize: 7,
  clip: 2.5,
  samples: 1,
};

describe('programs, compiled and eager', () => {
  const random = randomStream(3);
  const share = { signal: () => random.next(), spread: () => random.next() };
  const withWeights = (network: Network) => {
    const block = createParameters(network.layout);
    network.initialise(block, random);
    return [network, block] as const;
  };
  const denoiser = withWeights(denoiserNetwork(small, small.hidden, mixtureSize(small.sampleSize), 'silu'));
  const schedule = noiseSchedule({ steps: small.steps });
  it('agree on training', () => expectAgreement(trainingProgram(...denoiser, small), random, share));
  it('agree on sampling', () => expectAgreement(samplingProgram(...denoiser, schedule, small), random));
  it('agree on the moments of several samples', () =>
    expectAgreement(samplingProgram(...denoiser, schedule, { ...small, samples: 3 }), random));
  it('agree on regression', async () => {
    const regressor = withWeights(mlp({ name: 'network', inputs: small.conditionSize, hidden: [16, 16], outputs: 1, activation: 'silu' }));
    await expectAgreement(regressionProgram(...regressor, small.batchSize), random);
    await expectAgreement(predictionProgram(...regressor, small.batchSize), random);
  });
});

describe('a diffusion model learns in 12,000 fits', () => {
  const truths = probes.map((probe) => figuresOf(drawProbe(probe, 200_000, randomStream(0, probe.name)), probe));
  const trial = { steps: 5, fits: 12_000, seed: 0 };
  // What was reached, in deviations of the truth: the widest miss of each figure over the six.
  const expectWithin = (found: ProbeFigures, truth: ProbeFigures, name: string, widest: { deviation: number; mean: number }): void => {
    expect(Math.abs(found.mean - truth.mean) / truth.deviation, `mean, ${name}`).toBeLessThan(widest.mean);
    expect(Math.abs(found.deviation / truth.deviation - 1), `deviation, ${name}`).toBeLessThan(widest.deviation);
    if (truth.upper === null) return;
    expect(Math.abs(found.upper! - truth.upper), `weight, ${name}`).toBeLessThan(0.02);
    expect(Math.abs(found.between! - truth.between!), `valley, ${name}`).toBeLessThan(0.02);
  };

  it('six distributions told apart by a condition', async () => {
    const all = await tryProbes(probes, trial);
    all.forEach((found, i) => expectWithin(found, truths[i]!, probes[i]!.name, { mean: 0.06, deviation: 0.1 }));
  }, 600_000);

  it.each(probes.map((probe, i) => [probe.name, i] as const))('one without a condition: %s', async (name, i) => {
    const [found] = await tryProbes([probes[i]!], trial);
    expectWithin(found!, truths[i]!, name, { mean: 0.05, deviation: 0.05 });
  }, 600_000);
});
