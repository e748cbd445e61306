import { halfBytes } from './devices.js';
import { busiestDevice } from './expertLayers.js';
import type { ExpertLoad } from './expertLayers.js';
import { capacityRows } from './gating.js';
import type { ServedModel } from './servedModels.js';

/** Held per element of the static gate's masks at their peak: two single-precision halves, their sum, the booleans. */
const maskPeakBytes = 4 + 4 + 4 + 1;
/** Held per logit: half and single precision. */
const logitPeakBytes = 2 + 4;

/** Bytes on one device. */
export interface DeviceMemory {
  readonly weightsBytes: number;
  readonly activationBytes: number;
  readonly totalBytes: number;
}

/**
 * Memory of a served model on its fullest device: the dense weights, `slots` experts of every expert layer (all of the
 * device's without a buffer), and the largest set of activations alive at once.
 */
export function deviceMemory(
  model: ServedModel,
  load: ExpertLoad,
  { gating, tokens, slots }: { gating: 'static' | 'dynamic'; tokens: number; slots: number },
): DeviceMemory {
  const { dim, hidden, experts, topK, vocabulary, residentMoeLayers, denseParameters } = model;
  const weightsBytes = halfBytes * (denseParameters + residentMoeLayers * slots * 2 * dim * hidden);

  const stream = 2 * halfBytes * tokens * dim;
  const dense = 2 * halfBytes * tokens * hidden;
  const logits = logitPeakBytes * tokens * vocabulary;
  let layer: number;
  if (gating === 'static') {
    const rows = experts * capacityRows(model.capacityFactor, tokens);
    const masks = maskPeakBytes * tokens * rows;
    // Afterwards both masks in half precision, the dispatched rows and what comes back of them.
    layer = Math.max(masks, 2 * halfBytes * tokens * rows + 3 * halfBytes * rows * dim);
  } else {
    const { rows, onBusiest } = busiestDevice(tokens * topK * load.devices, load);
    const largest = onBusiest.reduce((most, { rowsIfActive }) => Math.max(most, rowsIfActive), 0);
    layer = halfBytes * (2 * tokens * topK * dim + 2 * rows * dim + 2 * largest * hidden);
  }
  const activationBytes = stream + Math.max(dense, logits, layer);
  return { weightsBytes, activationBytes, totalBytes: weightsBytes + activationBytes };
}
