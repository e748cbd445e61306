import type * as Tf from '@tensorflow/tfjs';
import { tensorFlow } from '../src/engine/index.js';
import type { NoiseSchedule } from './schedule.js';

/** A clean sample for each noisy one of step w: a draw from p(x0 | x_w), given normals [rows, L] where the draw asks for them. */
export type CleanDraw = (noisy: Tf.Tensor, w: number, normals: () => Tf.Tensor) => Tf.Tensor;

/**
 * All W reverse steps unrolled, from pure noise to x0: at each, a clean sample is drawn from p(x0 | x_w), clipped to
 * +-`clip`, and x_{w-1} from the posterior q(x_{w-1} | x_w, x0) (Ho et al. 2020, eq. 6 and 7). With draws from the true
 * p(x0 | x_w) this is exact at any W but for the start, which stands for what a little signal is left in. (The mean of
 * p(x0 | x_w) in place of a draw, as many small steps allow, makes few large steps too narrow: .67 of the deviation at
 * W = 5.)
 *
 * `noise` has [W x samples, S + L], one block of all samples for each step, first the step W: what makes x_w, S normals,
 * then the L of the draw. The result has [samples, S].
 */
export function reverseProcess(draw: CleanDraw, noise: Tf.Tensor, schedule: NoiseSchedule, { sampleSize, clip }: { sampleSize: number; clip: number }): Tf.Tensor {
  const tf = tensorFlow();
  const { steps, posteriorX0, posteriorXw, posteriorDeviation } = schedule;
  const samples = noise.shape[0]! / steps;
  const part = (w: number, from: number, size: number): Tf.Tensor => tf.slice(noise, [(steps - w) * samples, from], [samples, size]);
  let x = part(steps, 0, sampleSize);
  for (let w = steps; w >= 1; w--) {
    const clean = tf.clipByValue(draw(x, w, () => part(w, sampleSize, -1)), -clip, clip);
    if (w === 1) return clean;
    const mean = tf.add(tf.mul(clean, posteriorX0[w - 1]!), tf.mul(x, posteriorXw[w - 1]!));
    x = tf.add(mean, tf.mul(part(w - 1, 0, sampleSize), posteriorDeviation[w - 1]!));
  }
  return x;
}
