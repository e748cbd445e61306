import { expect, it } from 'vitest';
import { best, tie } from '../../../experiments/shaping/tie.js';

const trial = { seed: 0, fits: 4000, updates: 3000 };

it('a sampled reward teaches an expectation critic what its mean does, and a quantile critic what is at risk', async () => {
  const neutral = { critic: 'expectation', objective: 'mean' } as const;
  const averse = { critic: 'quantile', objective: 'cvar' } as const;
  const [meanReward, sampledReward] = [
    await tie({ ...trial, shaping: 'regression', learning: neutral }),
    await tie({ ...trial, shaping: 'diffusion', learning: neutral }),
  ];
  // The same mean but for what the model misses; only the sample has a spread, .947 of a deviation of credit in truth.
  expect(Math.abs(meanReward.rewardMean - sampledReward.rewardMean)).toBeLessThan(0.2);
  expect(meanReward.rewardDeviation).toBeLessThan(1e-3);
  expect(sampledReward.rewardDeviation).toBeGreaterThan(0.85);
  expect(Math.abs(meanReward.action - best.mean)).toBeLessThan(0.15);
  // Samples are noisier to learn from.
  expect(Math.abs(sampledReward.action - best.mean)).toBeLessThan(0.2);

  const [ofMean, ofSamples] = [
    await tie({ ...trial, shaping: 'regression', learning: averse }),
    await tie({ ...trial, shaping: 'diffusion', learning: averse }),
  ];
  expect(Math.abs(ofMean.action - best.mean)).toBeLessThan(0.15);
  expect(Math.abs(ofSamples.action - best.worst)).toBeLessThan(0.15);
}, 300_000);
