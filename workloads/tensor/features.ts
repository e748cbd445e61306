import type { Configuration, Knob } from './space.js';
import { configurationAt } from './space.js';

/** Turns a configuration into numbers for a cost model. */
export interface FeatureMap {
  readonly names: readonly string[];
  encode(configuration: Configuration, into: Float32Array): void;
}

/**
 * Features of any tuning space: the value of every numeric knob (its logarithm where all its values are positive), and
 * one-hot the values of the others. Knobs of one value are left out.
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
  return {
    names,
    encode: (configuration, into) => {
      for (let f = 0; f < encoders.length; f++) into[f] = encoders[f]!(configuration);
    },
  };
}

/** The features of the configuration at `index`. */
export function encodeIndex(features: FeatureMap, knobs: readonly Knob[], index: number, into: Float32Array): void {
  features.encode(configurationAt(knobs, index), into);
}
