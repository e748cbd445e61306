import { describe, expect, it } from 'vitest';
import { createDiffusionModel, samplingProgram, trainingProgram } from '../../diffusion/ddpm.js';
import type { DiffusionModelOptions } from '../../diffusion/ddpm.js';
import { predictionKinds } from '../../diffusion/kinds.js';
import { noiseSchedule } from '../../diffusion/index.js';
import { predictionProgram, regressionProgram } from '../../diffusion/shapers/regressor.js';
import { createParameters, mlp } from '../../src/engine/index.js';
import { randomStream } from '../../src/math/random.js';
import { mean, standardDeviation } from '../../src/math/statistics.js';
import { expectAgreement } from '../src/engine/support/agree.js';

const small: DiffusionModelOptions = {
  sampleSize: 2,
  conditionSize: 5,
  steps: 5,
  schedule: 'vp',
  prediction: 'x0',
  hidden: [16, 16],
  embeddingSize: 8,
  learningRate: 1e-3,
  batchSize: 7,
  clip: 2.5,
  sampler: 'ddpm',
  samples: 1,
};

describe('programs, compiled and eager', () => {
  const random = randomStream(3);
  const share = { signal: () => random.next(), spread: () => random.next() };
  const network = (inputs: number, outputs: number) => {
    const made = mlp({ name: 'network', inputs, hidden: [16, 16], outputs, activation: 'silu' });
    const block = createParameters(made.layout);
    made.initialise(block, random);
    return [made, block] as const;
  };
  const denoiser = network(small.sampleSize + small.embeddingSize + small.conditionSize, small.sampleSize);
  const schedule = noiseSchedule({ steps: small.steps });
  it.each(predictionKinds)('agree on training for %s', (prediction) =>
    expectAgreement(trainingProgram(...denoiser, { ...small, prediction }), random, share),
  );
  for (const sampler of ['ddpm', 'ddim'] as const) {
    it.each(predictionKinds)(`agree on ${sampler} sampling with %s`, (prediction) =>
      expectAgreement(samplingProgram(...denoiser, schedule, { ...small, prediction, sampler }), random),
    );
  }
  it('agree on the moments of several samples', () =>
    expectAgreement(samplingProgram(...denoiser, schedule, { ...small, samples: 3 }), random));
  it('agree on regression', async () => {
    const regressor = network(small.conditionSize, 1);
    await expectAgreement(regressionProgram(...regressor, small.batchSize), random);
    await expectAgreement(predictionProgram(...regressor, small.batchSize), random);
  });
});

/** What five reverse steps give with a perfect denoiser, E[x0 | x_w] of both modes: the few steps blur a little. */
function exactSamples(share: number, count: number): number[] {
  const random = randomStream(8);
  const schedule = noiseSchedule({ steps: 5 });
  return Array.from({ length: count }, () => {
    let x = random.normal();
    for (let i = 4; i >= 0; i--) {
      const signal = Math.sqrt(schedule.alphaBar[i]!);
      const variance = 0.01 * signal ** 2 + 1 - signal ** 2;
      const modes = [1, -1].map((mode) => ({
        likelihood: (mode === 1 ? share : 1 - share) * Math.exp(-((x - signal * mode) ** 2) / (2 * variance)),
        clean: mode + ((0.01 * signal) / variance) * (x - signal * mode),
      }));
      const clean = modes.reduce((sum, mode) => sum + mode.likelihood * mode.clean, 0) / modes.reduce((sum, mode) => sum + mode.likelihood, 0);
      // The last step's posterior is the clean sample itself.
      x = schedule.posteriorX0[i]! * clean + schedule.posteriorXw[i]! * x + schedule.posteriorDeviation[i]! * random.normal();
    }
    return x;
  });
}

describe('a diffusion model', () => {
  it('learns both modes of a conditional distribution, and their shares', async () => {
    const batchSize = 128;
    const model = await createDiffusionModel(
      { ...small, sampleSize: 1, conditionSize: 1, batchSize, hidden: [64, 64], learningRate: 3e-3 },
      randomStream(1),
    );
    const random = randomStream(2);
    // Under condition c, the upper mode at +1 has the share 1/2 + c/4; the lower is at -1.
    const conditions = Float32Array.from({ length: batchSize }, (_, row) => (row % 2 === 0 ? 1 : -1));
    const samples = new Float32Array(batchSize);
    for (let step = 0; step < 1500; step++) {
      for (let row = 0; row < batchSize; row++) {
        const upper = random.next() < 0.5 + conditions[row]! / 4;
        samples[row] = (upper ? 1 : -1) + 0.1 * random.normal();
      }
      await model.fit(samples, conditions);
    }
    const drawn: Record<1 | -1, number[]> = { 1: [], [-1]: [] };
    for (let i = 0; i < 20; i++) (await model.sample(conditions)).mean.forEach((value, row) => drawn[conditions[row]! as 1 | -1].push(value));
    for (const condition of [1, -1] as const) {
      const share = 0.5 + condition / 4;
      const exact = exactSamples(share, 5000);
      const shareAbove = (values: readonly number[]): number => values.filter((value) => value > 0).length / values.length;
      expect(Math.abs(shareAbove(drawn[condition]) - share)).toBeLessThan(0.12);
      expect(Math.abs(shareAbove(drawn[condition]) - shareAbove(exact))).toBeLessThan(0.07);
      for (const mode of [1, -1]) {
        const [learned, best] = [drawn[condition], exact].map((values) => values.filter((value) => value * mode > 0)) as [number[], number[]];
        expect(Math.abs(mean(learned) - mean(best))).toBeLessThan(0.2);
        expect(Math.abs(standardDeviation(learned) - standardDeviation(best))).toBeLessThan(0.15);
      }
    }
  });
});
