import type { Stateful } from '../io/checkpoint.js';
import { arrayState } from '../io/checkpoint.js';
import type { AdamOptions } from './adam.js';
import { createAdam } from './adam.js';
import type { Layout, ParameterBlock } from './parameters.js';
import { createParameters } from './parameters.js';
import { adamState } from './state.js';

export interface TrainableOptions extends Omit<AdamOptions, 'target'> {
  /** Fills the parameters at the start; zeros if omitted. */
  readonly initialise?: (block: ParameterBlock) => void;
  /** Share of the weights that a target takes in at each step; there is no target if omitted. */
  readonly targetRate?: number;
}

/** Under which names a trainable's parts are kept in a checkpoint. */
export interface TrainableNames {
  readonly parameters: string;
  readonly target?: string;
  readonly adam: string;
}

/** Parameters that learn by Adam, with a slowly following copy if one is asked for. */
export interface Trainable {
  readonly parameters: ParameterBlock;
  /** The slow copy, equal at the start; the parameters themselves if there is none. */
  readonly target: ParameterBlock;
  /** One step along `gradients` (flat, in the layout), the step size multiplied by `share` (1 if omitted); then the target. */
  step(gradients: Float32Array, share?: number): void;
  /** Its parts for a checkpoint. */
  states(names: TrainableNames): Record<string, Stateful>;
}

/** Parameters of a layout, beside them the target and the moments, ready to learn. */
export function createTrainable(layout: Layout, { initialise, targetRate, ...adamOptions }: TrainableOptions): Trainable {
  const parameters = createParameters(layout);
  const target = targetRate === undefined ? parameters : createParameters(layout, { beside: parameters });
  initialise?.(parameters);
  if (targetRate !== undefined) target.flat.set(parameters.flat);
  const adam = createAdam(parameters, { ...adamOptions, ...(targetRate === undefined ? {} : { target: { block: target, rate: targetRate } }) });
  return {
    parameters,
    target,
    step: (gradients, share = 1) => {
      adam.learningRate = adamOptions.learningRate * share;
      adam.step(gradients);
    },
    states: (names) => ({
      [names.parameters]: arrayState(parameters.flat),
      ...(names.target === undefined ? {} : { [names.target]: arrayState(target.flat) }),
      [names.adam]: adamState(adam),
    }),
  };
}
