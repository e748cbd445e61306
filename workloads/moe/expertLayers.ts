import { capacityRows } from './gating.js';
import { halfBytes } from './devices.js';
import type { Pass } from './pass.js';
import type { ServedModel } from './servedModels.js';
import { addFeedForward, feedForwardKernels } from './transformer.js';

/** Kernels of fairseq's top-2 gate: softmax, both choices, positions by prefix sums, statistics, masks; the exchange. */
const staticGateKernels = 125;
/** Kernels of a gate without masks: softmax, top-k, sort, counts, exchange, gathering rows and putting them back. */
const dynamicGateKernels = 40;
/** Memory traffic per token and expert of the element-wise kernels of either gate. */
const staticGateBytes = 720;
const dynamicGateBytes = 40;
/**
 * Memory traffic per element of the tokens x experts x capacity masks: two single-precision halves written, added, made
 * boolean, and both results cast to half precision.
 */
const maskBytes = 34;

/** How the experts' work is spread. */
export interface ExpertLoad {
  readonly devices: number;
  /** Each expert's share of all token-expert pairs. */
  readonly shares: Float64Array;
  /** Device of each expert. */
  readonly placement: Int32Array;
}

/**
 * Adds one layer with static gating as fairseq runs it: masks of S x E x C, dispatch and combination as products with
 * them, and every expert at its full capacity from every device, whatever the load.
 */
export function addStaticLayer(pass: Pass, model: ServedModel, tokens: number, devices: number): void {
  const { experts, dim } = model;
  const capacity = capacityRows(model.capacityFactor, tokens);
  const rows = experts * capacity;
  const local = experts / devices;
  pass.product('gate', [tokens, dim, experts]);
  pass.move('gate', staticGateBytes * tokens * experts);
  pass.move('masks', maskBytes * tokens * rows);
  pass.product('dispatch', [rows, tokens, dim]);
  pass.exchange(halfBytes * rows * dim, devices);
  addFeedForward(pass, 'experts', model, { rows: devices * capacity, times: local });
  pass.exchange(halfBytes * rows * dim, devices);
  pass.product('dispatch', [tokens, rows, dim]);
  pass.launch(staticGateKernels + local * feedForwardKernels);
}

/**
 * Adds one layer with dynamic gating. The busiest device sets the pace; an expert runs only if a token chose it. The
 * host must have the counts before it can exchange rows, so it waits for the device there, and once more at the end.
 */
export function addDynamicLayer(pass: Pass, model: ServedModel, tokens: number, load: ExpertLoad): void {
  const { experts, dim, topK } = model;
  const pairs = tokens * topK;
  pass.product('gate', [tokens, dim, experts]);
  pass.move('gate', dynamicGateBytes * tokens * experts);
  // Rows are gathered, put in order of expert where they arrive, and both undone: four times read and written.
  pass.move('dispatch', 8 * halfBytes * pairs * dim);
  pass.launch(dynamicGateKernels);
  pass.sync();

  const { onBusiest, rows } = busiestDevice(pairs * load.devices, load);
  pass.exchange(halfBytes * dim * rows, load.devices);
  for (const { chance, rowsIfActive } of onBusiest) {
    addFeedForward(pass, 'experts', model, { rows: rowsIfActive, times: chance });
    pass.launch(chance * feedForwardKernels);
  }
  pass.exchange(halfBytes * dim * rows, load.devices);
  pass.sync();
}

interface ExpertRows {
  /** That any token of the batch chose it (Poisson). */
  readonly chance: number;
  /** Rows expected of it if any did. */
  readonly rowsIfActive: number;
}

/** The experts of the device that receives most of `pairs` rows, and how many it receives. */
export function busiestDevice(pairs: number, load: ExpertLoad): { onBusiest: ExpertRows[]; rows: number } {
  const received = new Float64Array(load.devices);
  load.shares.forEach((share, expert) => (received[load.placement[expert]!]! += pairs * share));
  const rows = Math.max(...received);
  const busiest = received.indexOf(rows);
  const onBusiest: ExpertRows[] = [];
  load.shares.forEach((share, expert) => {
    if (load.placement[expert] !== busiest || share === 0) return;
    const chance = -Math.expm1(-pairs * share);
    onBusiest.push({ chance, rowsIfActive: (pairs * share) / chance });
  });
  return { onBusiest, rows };
}
