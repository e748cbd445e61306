import { randomStream } from '../../src/math/random.js';
import { mean } from '../../src/math/statistics.js';

const permutations = 20_000;

/**
 * Two-sided p-value of a difference of means by permuting who belongs to which side (Fisher 1935; drawn, not enumerated),
 * which asks for no normal distribution. Never 0: the sides as they are count as one permutation.
 */
export function permutationTest(x: readonly number[], y: readonly number[]): number {
  const pooled = Float64Array.from([...x, ...y]);
  const total = pooled.reduce((sum, value) => sum + value, 0);
  const observed = Math.abs(mean(x) - mean(y));
  const random = randomStream(0, 'permutations');
  let asFar = 1;
  for (let p = 0; p < permutations; p++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const j = i + random.integer(pooled.length - i);
      [pooled[i], pooled[j]] = [pooled[j]!, pooled[i]!];
      sum += pooled[i]!;
    }
    if (Math.abs(sum / x.length - (total - sum) / y.length) >= observed * (1 - 1e-12)) asFar++;
  }
  return asFar / (permutations + 1);
}

/** p-values corrected for being many, after Holm, "A simple sequentially rejective multiple test procedure" (1979). */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let least = 0;
  order.forEach((i, place) => {
    least = Math.max(least, Math.min(1, (values.length - place) * values[i]!));
    corrected[i] = least;
  });
  return corrected;
}
