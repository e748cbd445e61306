import { correlation } from '../../src/math/statistics.js';
import type { RandomStream } from '../../src/math/random.js';
import { meanLoads } from './balance.js';
import type { Loads, Placement } from './balance.js';
import { expertsPerDevice } from './replay.js';

/** Weight of the correlation against the load in the anti-correlation method (Huang et al. 2024, section 6). */
const correlationWeight = 0.5;

/** Consecutive ids together. Throws InputError, as all methods, unless the devices divide the experts. */
export function identityPlacement(experts: number, devices: number): Placement {
  const perDevice = expertsPerDevice(experts, devices);
  return Int32Array.from({ length: experts }, (_, expert) => Math.floor(expert / perDevice));
}

/** Uniform over all placements. */
export function randomPlacement(experts: number, devices: number, stream: RandomStream): Placement {
  const placement = identityPlacement(experts, devices);
  for (let i = experts - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    [placement[i], placement[j]] = [placement[j]!, placement[i]!];
  }
  return placement;
}

/** Heaviest expert first, each to the lightest device with room. */
export function greedyPlacement(loads: Loads, devices: number): Placement {
  return placeHeaviestFirst(loads, devices, (_expert, device) => device.load);
}

/**
 * Heaviest expert first, each to the device with room where load + 0.5 x correlation is least: the Pearson correlation
 * over batches between the expert's load and that of the experts already there (0 for an empty device).
 */
export function antiCorrelationPlacement(loads: Loads, devices: number): Placement {
  return placeHeaviestFirst(
    loads,
    devices,
    (expert, device) => device.load + correlationWeight * correlation(expert, device.series),
  );
}

interface DeviceState {
  /** Mean load of the experts placed here. */
  load: number;
  /** Their summed load in each batch. */
  readonly series: Float64Array;
  room: number;
}

function placeHeaviestFirst(
  loads: Loads,
  devices: number,
  score: (expertSeries: Float64Array, device: DeviceState) => number,
): Placement {
  const room = expertsPerDevice(loads.experts, devices);
  const states = Array.from(
    { length: devices },
    (): DeviceState => ({ load: 0, series: new Float64Array(loads.batches), room }),
  );
  const series = Array.from({ length: loads.experts }, (_, expert) =>
    Float64Array.from({ length: loads.batches }, (_, batch) => loads.shares[batch * loads.experts + expert]!),
  );
  const means = meanLoads(loads);
  const heaviestFirst = means.map((_, expert) => expert).sort((a, b) => means[b]! - means[a]! || a - b);
  const placement = new Int32Array(loads.experts);
  for (const expert of heaviestFirst) {
    let best = -1;
    let bestScore = Infinity;
    states.forEach((state, device) => {
      if (state.room === 0) return;
      const value = score(series[expert]!, state);
      if (value < bestScore) [best, bestScore] = [device, value];
    });
    const chosen = states[best]!;
    placement[expert] = best;
    chosen.room--;
    chosen.load += means[expert]!;
    for (let batch = 0; batch < loads.batches; batch++) chosen.series[batch]! += series[expert]![batch]!;
  }
  return placement;
}
