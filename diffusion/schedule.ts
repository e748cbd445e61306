import type { ScheduleKind } from './kinds.js';

/** What the forward and reverse processes need at each of W steps; index w - 1 holds step w. */
export interface NoiseSchedule {
  readonly steps: number;
  readonly beta: Float64Array;
  /** Product of (1 - beta) up to and including the step: the share of signal variance left. */
  readonly alphaBar: Float64Array;
  /** Weights of x0 and of x_w in the posterior mean of x_{w-1} (Ho et al. 2020, eq. 7). */
  readonly posteriorX0: Float64Array;
  readonly posteriorXw: Float64Array;
  /** Standard deviation of that posterior; 0 at the last reverse step. */
  readonly posteriorDeviation: Float64Array;
}

export interface ScheduleOptions {
  kind?: ScheduleKind;
  steps: number;
  /** Bounds of the VP process's rate of noise. */
  betaMin?: number;
  betaMax?: number;
}

/**
 * Noise schedules over `steps` denoising steps:
 * `vp` the variance-preserving process sampled at W points (Xiao et al. 2022),
 * beta_w = 1 - exp(-b_min/W - (b_max - b_min)(2w - 1)/(2 W^2)); `linear` after Ho et al. 2020, rescaled from 1,000
 * steps; `cosine` after Nichol and Dhariwal 2021 (betas capped at 0.999).
 * Throws RangeError unless steps is a positive integer.
 */
export function noiseSchedule({ kind = 'vp', steps, betaMin = 0.1, betaMax = 10 }: ScheduleOptions): NoiseSchedule {
  if (!Number.isInteger(steps) || steps < 1) throw new RangeError(`denoising steps must be a positive integer, not ${steps}`);
  const beta = Float64Array.from({ length: steps }, (_, i) => betaOf(kind, i + 1, steps, betaMin, betaMax));
  const alphaBar = new Float64Array(steps);
  const posteriorX0 = new Float64Array(steps);
  const posteriorXw = new Float64Array(steps);
  const posteriorDeviation = new Float64Array(steps);
  let before = 1;
  for (let i = 0; i < steps; i++) {
    const alpha = 1 - beta[i]!;
    const now = before * alpha;
    alphaBar[i] = now;
    posteriorX0[i] = (Math.sqrt(before) * beta[i]!) / (1 - now);
    posteriorXw[i] = (Math.sqrt(alpha) * (1 - before)) / (1 - now);
    posteriorDeviation[i] = Math.sqrt(((1 - before) / (1 - now)) * beta[i]!);
    before = now;
  }
  return { steps, beta, alphaBar, posteriorX0, posteriorXw, posteriorDeviation };
}

function betaOf(kind: ScheduleKind, w: number, steps: number, betaMin: number, betaMax: number): number {
  switch (kind) {
    case 'vp':
      return 1 - Math.exp(-betaMin / steps - ((betaMax - betaMin) * (2 * w - 1)) / (2 * steps * steps));
    case 'linear': {
      const [first, last] = [1e-4 * (1000 / steps), 0.02 * (1000 / steps)];
      return Math.min(0.999, steps === 1 ? last : first + ((last - first) * (w - 1)) / (steps - 1));
    }
    case 'cosine': {
      const remaining = (at: number): number => Math.cos(((at / steps + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
      return Math.min(0.999, 1 - remaining(w) / remaining(w - 1));
    }
  }
}

/**
 * Sinusoidal embedding of a step (Vaswani et al. 2017): `size` / 2 sines, then as many cosines, wavelengths geometric
 * from 2 pi to 20,000 pi.
 */
export function stepEmbedding(step: number, size: number): Float32Array {
  const half = size / 2;
  const embedding = new Float32Array(size);
  for (let i = 0; i < half; i++) {
    const angle = step * Math.exp((-Math.log(10_000) * i) / Math.max(1, half - 1));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
