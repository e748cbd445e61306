/** A share of a model's best quality, reached after so many denoising steps. */
export type QualityPoint = readonly [steps: number, share: number];

/** share(s) = 1 / (1 + exp(-slope (s - midpoint))). */
export interface QualityShape {
  readonly slope: number;
  readonly midpoint: number;
}

/**
 * The sigmoid nearest to published shares: logistic regression of a fraction (Papke and Wooldridge 1996) by Newton's
 * method. Throws for points that no rising sigmoid fits.
 */
export function fitQuality(points: readonly QualityPoint[]): QualityShape {
  let offset = 0;
  let slope = 0.1;
  for (let step = 0; step < 50; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0];
    for (const [steps, share] of points) {
      const fitted = 1 / (1 + Math.exp(-(offset + slope * steps)));
      const weight = fitted * (1 - fitted);
      g0 += share - fitted;
      g1 += (share - fitted) * steps;
      h00 += weight;
      h01 += weight * steps;
      h11 += weight * steps * steps;
    }
    const determinant = h00 * h11 - h01 * h01;
    offset += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  if (!(slope > 0)) throw new Error('The points do not rise with the steps.');
  return { slope, midpoint: -offset / slope };
}
