import type { Network } from '../../src/engine/index.js';
import { mlp } from '../../src/engine/index.js';
import type { AfterstateSettings } from './options.js';

/** V(after-state), in scaled reward. */
export const valueNetwork = (inputs: number, { hidden, initialOutputScale }: AfterstateSettings): Network =>
  mlp({ name: 'value', inputs, hidden, outputs: 1, activation: 'relu', outputScale: initialOutputScale });
