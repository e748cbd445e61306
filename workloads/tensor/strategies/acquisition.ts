/** Mean score, expected improvement on the best measured row, or upper confidence bound. */
export type Acquisition = 'mean' | 'ei' | 'ucb';

/** Standard deviations above the mean that the upper confidence bound looks. */
const confidence = 4;

/** The worth of measuring a configuration of which the ensemble's scores have this mean and deviation. */
export function acquire(kind: Acquisition, mean: number, deviation: number, incumbent: number): number {
  if (kind === 'mean') return mean;
  return kind === 'ucb' ? mean + confidence * deviation : expectedImprovement(mean - incumbent, deviation);
}

/** E[max(0, X)] of a normal X. */
export function expectedImprovement(mean: number, deviation: number): number {
  if (deviation < 1e-9) return Math.max(0, mean);
  const z = mean / deviation;
  return mean * normalCdf(z) + (deviation * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
}

/** Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp(-x * x);
  return z < 0 ? tail / 2 : 1 - tail / 2;
}
