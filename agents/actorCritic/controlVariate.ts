import type { Saved, Stateful } from '../../src/io/checkpoint.js';
import { savedValue } from '../../src/io/checkpoint.js';

/**
 * Takes out of a signal what an exogenous quantity explains: signal - beta (exogenous - mean), beta by running least
 * squares. What arrives in a slot does not depend on the action taken in it, so no preference between actions changes;
 * only the noise shrinks that a critic must average out.
 */
export interface ControlVariate extends Stateful {
  /** Observes a pair and returns the adjusted signal. */
  adjust(signal: number, exogenous: number): number;
}

export function createControlVariate(): ControlVariate {
  let count = 0;
  let meanSignal = 0;
  let meanExogenous = 0;
  let covariance = 0;
  let variance = 0;
  return {
    adjust: (signal, exogenous) => {
      count++;
      const difference = exogenous - meanExogenous;
      meanExogenous += difference / count;
      variance += difference * (exogenous - meanExogenous);
      covariance += difference * (signal - meanSignal);
      meanSignal += (signal - meanSignal) / count;
      return variance === 0 ? signal : signal - (covariance / variance) * (exogenous - meanExogenous);
    },
    save: (): Saved => ({ arrays: {}, values: { count, meanSignal, meanExogenous, covariance, variance } }),
    restore: (saved) => {
      count = savedValue<number>(saved, 'count');
      meanSignal = savedValue<number>(saved, 'meanSignal');
      meanExogenous = savedValue<number>(saved, 'meanExogenous');
      covariance = savedValue<number>(saved, 'covariance');
      variance = savedValue<number>(saved, 'variance');
    },
  };
}
