import { correctedStep } from './adam.js';

/** Arrays and constants of one step of `adamLoop`. */
export interface AdamLoopStep {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  readonly target?: Float32Array;
  readonly rate?: number;
  /** From 1. */
  readonly step: number;
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly maxGradientNorm?: number;
  readonly weightDecay?: number;
}

/** The step of `createAdam` as a plain loop in single precision: its oracle, equal bit for bit. */
export function adamLoop(given: AdamLoopStep): void {
  const f = Math.fround;
  const { parameters: p, gradients: g, firstMoment: m, secondMoment: v, target } = given;
  const { beta1 = 0.9, beta2 = 0.999, maxGradientNorm = Infinity, weightDecay = 0, learningRate } = given;
  const { stepSize, stepEpsilon } = correctedStep(given.step, learningRate, beta1, beta2, given.epsilon ?? 1e-8);
  const norm = maxGradientNorm === Infinity ? 0 : Math.sqrt(sumOfSquares(g));
  const scale = f(norm > maxGradientNorm ? maxGradientNorm / norm : 1);
  const [b1, r1, b2, r2] = [f(beta1), f(1 - beta1), f(beta2), f(1 - beta2)] as const;
  const [size, epsilon, keep, rate] = [f(stepSize), f(stepEpsilon), f(1 - learningRate * weightDecay), f(given.rate ?? 0)] as const;
  for (let i = 0; i < p.length; i++) {
    const gradient = f(g[i]! * scale);
    const first = f(f(b1 * m[i]!) + f(r1 * gradient));
    const second = f(f(b2 * v[i]!) + f(r2 * f(gradient * gradient)));
    m[i] = first;
    v[i] = second;
    const value = f(f(keep * p[i]!) - f(f(size * first) / f(f(Math.sqrt(second)) + epsilon)));
    p[i] = value;
    if (target !== undefined) target[i] = f(target[i]! + f(rate * f(value - target[i]!)));
  }
}

/** In four partial sums by position modulo four, as vectors add. */
function sumOfSquares(values: Float32Array): number {
  const sums = new Float32Array(4);
  for (let i = 0; i < values.length; i++) sums[i % 4] = sums[i % 4]! + Math.fround(values[i]! * values[i]!);
  return Math.fround(Math.fround(Math.fround(sums[0]! + sums[1]!) + sums[2]!) + sums[3]!);
}
