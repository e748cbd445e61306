/** Examples of a logistic regression: row i of `features` (examples x width) goes with `outcomes[i]`, 0 or 1. */
export interface Examples {
  readonly width: number;
  readonly features: Float64Array;
  readonly outcomes: Uint8Array;
}

/** Newton's method converges quadratically; more steps than this change nothing. */
const mostSteps = 20;

/**
 * Weights of a logistic regression by Newton's method, with a ridge of `strength` towards `prior` (both in units of
 * examples), so that few examples leave the prior as it is. Returns the prior where a step is not finite.
 */
export function fitLogistic({ width, features, outcomes }: Examples, prior: Float64Array, strength: number): Float64Array {
  const weights = prior.slice();
  for (let step = 0; step < mostSteps; step++) {
    const gradient = weights.map((weight, i) => strength * (weight - prior[i]!));
    const curvature = Array.from({ length: width }, (_, i) => new Float64Array(width).fill(strength, i, i + 1));
    for (let example = 0; example < outcomes.length; example++) {
      const x = features.subarray(example * width, (example + 1) * width);
      const chance = logistic(dot(weights, x));
      const slope = chance * (1 - chance);
      for (let i = 0; i < width; i++) {
        gradient[i]! += (chance - outcomes[example]!) * x[i]!;
        for (let j = 0; j < width; j++) curvature[i]![j]! += slope * x[i]! * x[j]!;
      }
    }
    const change = solve(curvature, gradient);
    if (!change.every(Number.isFinite)) return prior.slice();
    change.forEach((value, i) => (weights[i]! -= value));
    if (change.every((value) => Math.abs(value) < 1e-9)) break;
  }
  return weights;
}

export const logistic = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Solves a symmetric positive definite system by elimination, in place. */
function solve(matrix: Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  for (let pivot = 0; pivot < size; pivot++) {
    for (let row = pivot + 1; row < size; row++) {
      const factor = matrix[row]![pivot]! / matrix[pivot]![pivot]!;
      for (let column = pivot; column < size; column++) matrix[row]![column]! -= factor * matrix[pivot]![column]!;
      right[row]! -= factor * right[pivot]!;
    }
  }
  const result = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let rest = right[row]!;
    for (let column = row + 1; column < size; column++) rest -= matrix[row]![column]! * result[column]!;
    result[row] = rest / matrix[row]![row]!;
  }
  return result;
}
