import { wholeProduct } from '../src/math/decimal.js';

/** How much is explored. */
export interface Exploration {
  /** Standard deviation of Gaussian noise on continuous components. */
  readonly noise: number;
  /** Probability of a uniformly random choice on discrete components. */
  readonly epsilon: number;
}

/**
 * Updates to make after the `step`-th step of learning, so that floor(step x perStep) have been made in all; none before
 * the first. It depends on the count alone, so that a resumed training keeps the rhythm.
 */
export function updatesDue(step: number, perStep: number): number {
  return step < 1 ? 0 : wholeProduct(perStep, step, 'floor') - wholeProduct(perStep, step - 1, 'floor');
}

/** Step sizes fall linearly over the whole training, so that the last policies hardly differ. */
export function learningRateShare(step: number, { finalLearningRateShare }: { finalLearningRateShare: number }, steps: number): number {
  return 1 + (finalLearningRateShare - 1) * Math.min(1, step / steps);
}

interface ExplorationOptions {
  readonly noiseStart: number;
  readonly noiseEnd: number;
  readonly epsilonStart: number;
  readonly epsilonEnd: number;
  readonly decayShare: number;
}

/** Linear decay over the first `decayShare` of all steps. */
export function explorationAt(step: number, { exploration }: { exploration: ExplorationOptions }, steps: number): Exploration {
  const share = Math.min(1, step / (exploration.decayShare * steps));
  const between = (start: number, end: number): number => start + (end - start) * share;
  return {
    noise: between(exploration.noiseStart, exploration.noiseEnd),
    epsilon: between(exploration.epsilonStart, exploration.epsilonEnd),
  };
}
