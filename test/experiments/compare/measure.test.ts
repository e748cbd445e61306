import { expect, it } from 'vitest';
import { worstTenth } from '../../../experiments/compare/measure.js';

it.each([
  [[5], 5],
  [[5, 1, 9, 7], 1],
  [[...Array(20).keys()].map((i) => 100 - i), 81.5],
  [[...Array(21).keys()], 1],
])('the worst tenth of %o, one value at least, is %d on average', (values, worst) => expect(worstTenth(values)).toBe(worst));
