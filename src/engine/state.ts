import type { Stateful } from '../io/checkpoint.js';
import { restoreArray, savedValue } from '../io/checkpoint.js';
import type { Adam } from './adam.js';

/** An optimiser as something a checkpoint can hold. */
export const adamState = (adam: Adam): Stateful => ({
  save: () => {
    const { step, learningRate, firstMoment, secondMoment } = adam.state();
    return { arrays: { firstMoment, secondMoment }, values: { step, learningRate } };
  },
  restore: (saved) => {
    const { firstMoment, secondMoment } = adam.state();
    restoreArray(firstMoment, saved, 'firstMoment');
    restoreArray(secondMoment, saved, 'secondMoment');
    adam.restore({ step: savedValue(saved, 'step'), learningRate: savedValue(saved, 'learningRate'), firstMoment, secondMoment });
  },
});
