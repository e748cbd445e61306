import { InputError } from '../../src/io/errors.js';
import { randomStream } from '../../src/math/random.js';
import { wasteFactor } from './benchmark.js';
import { calibrate, denseSeconds } from './calibration.js';
import type { Device } from './devices.js';
import { halfBytes, v100 } from './devices.js';
import { addDynamicLayer, addStaticLayer } from './expertLayers.js';
import type { ExpertLoad } from './expertLayers.js';
import { deviceMemory } from './memory.js';
import type { DeviceMemory } from './memory.js';
import { Pass } from './pass.js';
import type { Part } from './pass.js';
import { greedyPlacement, identityPlacement, randomPlacement } from './placement.js';
import { replay } from './replay.js';
import { servedModel } from './servedModels.js';
import type { ServedModel } from './servedModels.js';
import { dealt, syntheticTrace } from './synthetic.js';
import { addTransformer, tokensOf } from './transformer.js';
import { zipfWeights } from './zipf.js';

export type Gating = 'static' | 'dynamic';

export type Routing = { readonly zipf: number } | 'one-device';

export interface SimulationOptions {
  model: string;
  gating: Gating;
  /** Nodes of eight devices. */
  nodes: number;
  /** Sequences per device and pass; the published batch where not given. */
  batch?: number;
  /** Tokens per sequence; the model's where not given. */
  sequenceTokens?: number;
  /** Core clock; the device's own where not given. Products slow down in proportion, memory and links do not. */
  clockMhz?: number;
  /** Experts of each layer that a device holds; all of its experts where not given. */
  bufferSlots?: number;
  placement?: 'identity' | 'random' | 'greedy';
  /** Popularity of the experts: Zipf's exponent (0, the default, is even), or every token to experts of one device. */
  routing?: Routing;
}

export interface Simulation {
  readonly model: ServedModel['name'];
  readonly gating: Gating;
  readonly nodes: number;
  readonly devices: number;
  /** Sequences per device and pass. */
  readonly batch: number;
  readonly tokensPerDevice: number;
  /** Calibrated: host time per kernel launch, and rate of the products. */
  readonly launchMicroseconds: number;
  readonly productTflopPerSecond: number;
  /** Of one pass, as of the dense model's. */
  readonly latencyMs: number;
  readonly denseLatencyMs: number;
  /** Over all devices. */
  readonly tokensPerSecond: number;
  /** Device time of each part of a pass; less than the latency where the host is slower. */
  readonly partsMs: Partial<Record<Part, number>>;
  readonly wasteFactor: number;
  readonly memory: DeviceMemory & { readonly fits: boolean };
  /** Floating-point operations of one device's pass, padding included. */
  readonly flop: number;
  /** Largest share of the tokens on one device; 1/devices is even. */
  readonly busiestShare: number;
}

const nodeCounts = [1, 2, 4];

/**
 * Predicts latency, throughput and memory of a served model on nodes of eight devices. Calibrated on the dense model's
 * published latencies and on device figures only (`calibrate`).
 * Throws InputError for an unknown model, nodes other than 1, 2 or 4, and slots outside 1 to a device's experts.
 */
export function simulate(options: SimulationOptions): Simulation {
  const { gating, nodes, bufferSlots, routing = { zipf: 0 }, placement = 'identity' } = options;
  const published = servedModel(options.model);
  const model = { ...published, sequenceTokens: options.sequenceTokens ?? published.sequenceTokens };
  const { launchSeconds, device: calibrated } = calibrate(v100, published);
  const device = atClock(calibrated, options.clockMhz ?? calibrated.clockMhz);
  const batch = options.batch ?? model.batch;
  positive('batch', batch);
  positive('number of tokens', model.sequenceTokens);
  if (!nodeCounts.includes(nodes)) throw new InputError(`${nodes} nodes; expected 1, 2 or 4.`);
  const devices = nodes * device.devicesPerNode;
  const local = model.experts / devices;
  const slots = bufferSlots ?? local;
  if (!Number.isInteger(slots) || slots < 1 || slots > local) {
    throw new InputError(`${slots} buffer slots; expected a whole number from 1 to ${local}, the experts of each device.`);
  }
  if (bufferSlots !== undefined && gating === 'static') {
    throw new InputError('Static gating runs every expert in every pass; expected dynamic gating with buffer slots.');
  }

  const tokens = tokensOf(model, batch);
  const load = spread(model, devices, routing, placement);
  const moeLayers = model.layers / model.moeEvery;
  const pass = new Pass(device, launchSeconds);
  addTransformer(pass, model, tokens, model.layers - moeLayers);
  for (let layer = 0; layer < moeLayers; layer++) {
    if (gating === 'static') addStaticLayer(pass, model, tokens, devices);
    else addDynamicLayer(pass, model, tokens, load);
  }
  if (slots < local) pass.busy('buffer', moeLayers * bufferStallSeconds(model, load, { tokens, slots, device }));
  pass.sync();

  const memory = deviceMemory(model, load, { gating, tokens, slots });
  const onDevice = new Float64Array(devices);
  load.shares.forEach((share, expert) => (onDevice[load.placement[expert]!]! += share));
  return {
    model: model.name,
    gating,
    nodes,
    devices,
    batch,
    tokensPerDevice: tokens,
    launchMicroseconds: 1e6 * launchSeconds,
    productTflopPerSecond: device.gemmFlopPerSecond / 1e12,
    latencyMs: 1000 * pass.seconds,
    denseLatencyMs: 1000 * denseSeconds(device, model, launchSeconds),
    tokensPerSecond: (devices * tokens) / pass.seconds,
    partsMs: Object.fromEntries(Object.entries(pass.partSeconds).map(([part, seconds]) => [part, 1000 * seconds])),
    wasteFactor: wasteFactor(model.experts, model.capacityFactor, model.topK),
    memory: { ...memory, fits: memory.totalBytes <= device.memoryBytes },
    flop: pass.flop,
    busiestShare: Math.max(...onDevice),
  };
}

const positive = (name: string, value: number): void => {
  if (!Number.isInteger(value) || value < 1) throw new InputError(`The ${name} is ${value}; expected a whole number from 1.`);
};

/** A device at a lower core clock: products slow down in proportion. Throws InputError for a clock above the device's. */
export function atClock(device: Device, clockMhz: number): Device {
  if (!(clockMhz > 0 && clockMhz <= device.clockMhz)) {
    throw new InputError(`The clock is ${clockMhz} MHz; expected above 0 up to ${device.clockMhz}, the ${device.name}'s.`);
  }
  return { ...device, clockMhz, gemmFlopPerSecond: (device.gemmFlopPerSecond * clockMhz) / device.clockMhz };
}

/** The experts' popularity, and where they are. */
function spread(
  model: ServedModel,
  devices: number,
  routing: Routing,
  method: NonNullable<SimulationOptions['placement']>,
): ExpertLoad {
  const { experts, topK } = model;
  const stream = randomStream(1, 'moe/simulate');
  // A token chooses k different experts, so none can have more than 1/k of all pairs.
  const shares =
    routing === 'one-device'
      ? Float64Array.from({ length: experts }, (_, expert) => (expert < topK ? 1 / topK : 0))
      : dealt(capped(zipfWeights(experts, routing.zipf), 1 / topK), stream);
  const placements = {
    identity: () => identityPlacement(experts, devices),
    random: () => randomPlacement(experts, devices, stream),
    greedy: () => greedyPlacement({ experts, batches: 1, shares }, devices),
  };
  return { devices, shares, placement: placements[method]() };
}

/** Shares in falling order, none above `most`; what is cut off goes to the others in proportion. They sum to 1. */
function capped(shares: Float64Array, most: number): Float64Array {
  const from = (first: number): number => shares.subarray(first).reduce((sum, share) => sum + share, 0);
  let cut = 0;
  while (shares[cut]! * (1 - cut * most) > most * from(cut)) cut++;
  const scale = (1 - cut * most) / from(cut);
  return shares.map((share, i) => (i < cut ? most : share * scale));
}

/** Batches replayed to fill the buffers, and to measure. */
const fillBatches = 1;
const measuredBatches = 2;

/** Mean time that one layer of one pass waits for weights, by replaying a synthetic trace under the paper's policy. */
function bufferStallSeconds(
  model: ServedModel,
  { devices, shares, placement }: ExpertLoad,
  { tokens, slots, device }: { tokens: number; slots: number; device: Device },
): number {
  // A replay has consecutive experts on a device.
  const byDevice = Array.from(placement, (_, expert) => expert).sort((a, b) => placement[a]! - placement[b]! || a - b);
  const batchTokens = tokens * devices;
  const stallOf = (batches: number): number => {
    const trace = syntheticTrace({
      tokens: batchTokens * batches,
      experts: model.experts,
      topK: model.topK,
      skew: 0,
      shares: Float64Array.from(byDevice, (expert) => shares[expert]!),
      locality: 0,
      batchTokens,
      seed: 1,
    });
    const expert = { ...model, matrices: 2, bytesPerWeight: halfBytes };
    return replay(trace, { devices, slots, policies: ['lifo'], expert, device })[0]!.overlappedStallMs / 1000;
  };
  return (stallOf(fillBatches + measuredBatches) - stallOf(fillBatches)) / measuredBatches;
}
