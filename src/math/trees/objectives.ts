/**
 * Writes the loss's first and second derivatives by the scores, and returns the mean loss. Rows come in falling order of
 * target.
 */
export type Gradients = (scores: Float64Array, gradient: Float64Array, hessian: Float64Array) => number;

/** Half the squared error. */
export function regressionGradients(targets: Float64Array): Gradients {
  return (scores, gradient, hessian) => {
    let loss = 0;
    for (let i = 0; i < targets.length; i++) {
      const error = scores[i]! - targets[i]!;
      gradient[i] = error;
      hessian[i] = 1;
      loss += 0.5 * error * error;
    }
    return loss / Math.max(targets.length, 1);
  };
}

/**
 * Pairwise logistic loss log(1 + exp(s_worse - s_better)) (Burges et al., "Learning to Rank using Gradient Descent",
 * 2005). Of all n (n - 1) / 2 pairs it uses those 1, 2, 4, ... places apart in the order of targets: n log2(n) pairs that
 * tie near and far neighbours alike, with no random draw. Each row's weight is divided by its number of pairs.
 */
export function rankGradients(targets: Float64Array): Gradients {
  const rows = targets.length;
  const exponential = new Float64Array(rows);
  let pairs = 0;
  for (let apart = 1; apart < rows; apart *= 2) {
    for (let i = 0; i + apart < rows; i++) if (targets[i]! > targets[i + apart]!) pairs++;
  }
  return (scores, gradient, hessian) => {
    gradient.fill(0);
    hessian.fill(0);
    // Scores are bounded by (trees x largest leaf), far from overflow of exp.
    for (let i = 0; i < rows; i++) exponential[i] = Math.exp(scores[i]!);
    let loss = 0;
    let product = 1; // of right probabilities: one logarithm for many pairs
    for (let apart = 1; apart < rows; apart *= 2) {
      for (let i = 0; i + apart < rows; i++) {
        const j = i + apart;
        if (targets[i]! === targets[j]!) continue;
        // Probability that the model orders this pair wrongly.
        const wrong = exponential[j]! / (exponential[i]! + exponential[j]!);
        const weight = targets[i]! * targets[i]!;
        gradient[i]! -= weight * wrong;
        gradient[j]! += weight * wrong;
        const curvature = weight * wrong * (1 - wrong);
        hessian[i]! += curvature;
        hessian[j]! += curvature;
        product *= 1 - wrong;
        if (product < 1e-200) {
          loss -= Math.log(product);
          product = 1;
        }
      }
    }
    return pairs === 0 ? 0 : (loss - Math.log(product)) / pairs;
  };
}
