import type { Stateful } from '../../src/io/checkpoint.js';
import { savedValue } from '../../src/io/checkpoint.js';

/** Running mean and standard deviation of credit labels; standardised labels are clipped so that rare slots do not rule. */
export interface LabelScale extends Stateful {
  observe(label: number): void;
  /** (label - mean) / standard deviation, clipped to +-clip; 0 until two labels were seen. */
  standardise(label: number): number;
}

/** Welford's running moments over every label observed. */
export function createLabelScale(clip: number): LabelScale {
  let count = 0;
  let mean = 0;
  let sumOfSquares = 0;
  return {
    observe: (label) => {
      count++;
      const difference = label - mean;
      mean += difference / count;
      sumOfSquares += difference * (label - mean);
    },
    standardise: (label) => {
      if (count < 2 || sumOfSquares === 0) return 0;
      const value = (label - mean) / Math.sqrt(sumOfSquares / (count - 1));
      return Math.max(-clip, Math.min(clip, value));
    },
    save: () => ({ arrays: {}, values: { count, mean, sumOfSquares } }),
    restore: (saved) => {
      count = savedValue<number>(saved, 'count');
      mean = savedValue<number>(saved, 'mean');
      sumOfSquares = savedValue<number>(saved, 'sumOfSquares');
    },
  };
}
