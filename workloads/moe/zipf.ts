import { InputError } from '../../src/io/errors.js';

/** Zipf's shares of `count` items: item i (from 1) has 1/i^exponent of the total; exponent 0 is even. They sum to 1. */
export function zipfWeights(count: number, exponent: number): Float64Array {
  if (!(exponent >= 0 && exponent <= 10)) {
    throw new InputError(`The skew is ${exponent}; expected a Zipf exponent from 0 (even) to 10.`);
  }
  const weights = Float64Array.from({ length: count }, (_, i) => (i + 1) ** -exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
