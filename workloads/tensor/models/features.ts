import type { Configuration, Knob } from '../space.js';
import { configurationAt } from '../space.js';

/** Turns a configuration into numbers for a cost model. */
export interface FeatureMap {
  readonly names: readonly string[];
  encode(configuration: Configuration, into: Float32Array): void;
}

/** Knobs whose products become features, at most. */
const multiplied = 10;

/**
 * Features of any tuning space: the value of every numeric knob (its logarithm where all its values are positive), and
 * one-hot the values of the others. Knobs of one value are left out. What a device feels is often a product, such as the
 * threads of a block or the elements of a tile, or whether a size is a multiple of its vector or warp. So for positive
 * knobs of three values and more there are also the logarithm of each pair's product (of the ten knobs with the most
 * values) and, for whole numbers that are not all powers of two, the power of two that divides them.
 */
export function knobFeatures(knobs: readonly Knob[]): FeatureMap {
  const names: string[] = [];
  const encoders: ((configuration: Configuration) => number)[] = [];
  for (const { name, values } of knobs) {
    if (values.length < 2) continue;
    if (values.some((value) => typeof value === 'string')) {
      for (const value of values) {
        names.push(`${name}=${String(value)}`);
        encoders.push((configuration) => (configuration[name] === value ? 1 : 0));
      }
    } else {
      names.push(name);
      const positive = values.every((value) => Number(value) > 0);
      encoders.push(positive ? (configuration) => Math.log2(Number(configuration[name])) : (configuration) => Number(configuration[name]));
    }
  }
  const sizes = knobs.filter(({ values }) => values.length > 2 && values.every((value) => typeof value === 'number' && value > 0));
  const factors = [...sizes].sort((a, b) => b.values.length - a.values.length).slice(0, multiplied);
  factors.forEach(({ name: second }, k) => {
    for (const { name: first } of factors.slice(0, k)) {
      names.push(`${first} * ${second}`);
      encoders.push((configuration) => Math.log2(Number(configuration[first]) * Number(configuration[second])));
    }
  });
  for (const { name, values } of sizes) {
    if (!values.every(Number.isInteger) || values.every((value) => Number.isInteger(Math.log2(Number(value))))) continue;
    names.push(`alignment of ${name}`);
    encoders.push((configuration) => powerOfTwoIn(Number(configuration[name])));
  }
  return {
    names,
    encode: (configuration, into) => {
      for (let f = 0; f < encoders.length; f++) into[f] = encoders[f]!(configuration);
    },
  };
}

/** How often two divides a whole number; 0 for zero. */
function powerOfTwoIn(value: number): number {
  let power = 0;
  for (; value !== 0 && value % 2 === 0; value /= 2) power++;
  return power;
}

/** The features of the configuration at `index`. */
export function encodeIndex(features: FeatureMap, knobs: readonly Knob[], index: number, into: Float32Array): void {
  features.encode(configurationAt(knobs, index), into);
}
