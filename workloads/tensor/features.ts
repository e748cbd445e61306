import type { Knob } from './space.js';
import { choicesAt } from './space.js';

/** Turns a configuration, given by index, into numbers for a cost model. */
export interface FeatureMap {
  readonly names: readonly string[];
  encode(index: number, into: Float32Array): void;
}

/**
 * Features of any tuning space: every knob's value (its logarithm where all are positive; one-hot where they are not
 * numbers), and the sum and difference of the logarithms of every two numeric knobs, because kernels live by products
 * and ratios (threads per block, work per thread) that shallow trees cannot form themselves. Knobs of one value are left out.
 */
export function knobFeatures(knobs: readonly Knob[]): FeatureMap {
  const names: string[] = [];
  // Per feature: a knob and its numbers by choice, and for pairs a second knob.
  const terms: { first: number; a: Float64Array; second: number; b: Float64Array }[] = [];
  const none = new Float64Array(0);
  const logs: { name: string; knob: number; values: Float64Array }[] = [];
  knobs.forEach((knob, k) => {
    if (knob.values.length < 2) return;
    const numeric = knob.values.every((value) => typeof value !== 'string');
    if (!numeric) {
      knob.values.forEach((value, choice) => {
        names.push(`${knob.name}=${String(value)}`);
        terms.push({ first: k, a: Float64Array.from(knob.values, (_, i) => (i === choice ? 1 : 0)), second: -1, b: none });
      });
      return;
    }
    const values = Float64Array.from(knob.values, Number);
    const positive = values.every((value) => value > 0);
    const shown = positive ? values.map(Math.log2) : values;
    names.push(knob.name);
    terms.push({ first: k, a: shown, second: -1, b: none });
    if (positive) logs.push({ name: knob.name, knob: k, values: shown });
  });
  for (let i = 0; i < logs.length; i++) {
    for (let j = i + 1; j < logs.length; j++) {
      const [x, y] = [logs[i]!, logs[j]!];
      names.push(`${x.name}*${y.name}`, `${x.name}/${y.name}`);
      terms.push({ first: x.knob, a: x.values, second: y.knob, b: y.values });
      terms.push({ first: x.knob, a: x.values, second: y.knob, b: y.values.map((value) => -value) });
    }
  }
  const choices = new Uint16Array(knobs.length);
  return {
    names,
    encode: (index, into) => {
      choicesAt(knobs, index, choices);
      terms.forEach((term, f) => {
        into[f] = term.a[choices[term.first]!]! + (term.second < 0 ? 0 : term.b[choices[term.second]!]!);
      });
    },
  };
}
