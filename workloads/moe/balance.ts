import { InputError } from '../../src/io/errors.js';
import { expertsPerDevice } from './replay.js';
import { middleOf } from './trace.js';
import type { RoutingTrace } from './trace.js';

/** Each expert's share of each batch: row b holds E shares that sum to 1. */
export interface Loads {
  readonly experts: number;
  readonly batches: number;
  readonly shares: Float64Array;
}

/** Device of each expert. */
export type Placement = Int32Array;

/** Devices of the copies of each expert; its tokens are split evenly over them. */
export type Copies = readonly (readonly number[])[];

/** A placement as one copy of each expert. */
export const singleCopies = (placement: Placement): Copies => Array.from(placement, (device) => [device]);

/** Mean share of each expert over the batches. */
export function meanLoads({ experts, batches, shares }: Loads): number[] {
  const means = Array<number>(experts).fill(0);
  shares.forEach((share, at) => (means[at % experts]! += share / batches));
  return means;
}

/** How evenly a placement spreads a trace. */
export interface Balance {
  /** Largest share of a batch on one device, over all batches and devices; 1/D is even. */
  readonly maxLoad: number;
  /** Mean over batches of the largest share on one device. */
  readonly avgMaxLoad: number;
  /** Largest |share - 1/D| over all batches and devices: what placements are to minimise. */
  readonly maxDeviation: number;
}

/** Loads of the batches from `first` up to `last` (not included) of a trace. */
export function loadsOf(trace: RoutingTrace, first: number, last: number): Loads {
  const { experts, topK, ids, batchStarts } = trace;
  const batches = last - first;
  const shares = new Float64Array(batches * experts);
  for (let batch = 0; batch < batches; batch++) {
    const from = batchStarts[first + batch]! * topK;
    const to = batchStarts[first + batch + 1]! * topK;
    for (let at = from; at < to; at++) shares[batch * experts + ids[at]!]!++;
    for (let expert = 0; expert < experts; expert++) shares[batch * experts + expert]! /= to - from;
  }
  return { experts, batches, shares };
}

/**
 * Loads of the first and of the second half of a trace's batches (the first has the odd one).
 * Throws InputError for a trace of fewer than two batches.
 */
export function halves(trace: RoutingTrace): { train: Loads; test: Loads } {
  const batches = trace.batchStarts.length - 1;
  if (batches < 2) {
    throw new InputError(`${trace.name} has ${batches} batch; expected at least 2, one half to choose on and one to judge on.`);
  }
  const middle = middleOf(batches);
  return { train: loadsOf(trace, 0, middle), test: loadsOf(trace, middle, batches) };
}

/** Judges how evenly copies spread the batches. Throws InputError unless the devices divide the experts. */
export function judge(loads: Loads, copies: Copies, devices: number): Balance {
  expertsPerDevice(loads.experts, devices);
  const onDevice = new Float64Array(devices);
  let maxLoad = 0;
  let sum = 0;
  let maxDeviation = 0;
  for (let batch = 0; batch < loads.batches; batch++) {
    onDevice.fill(0);
    for (let expert = 0; expert < loads.experts; expert++) {
      const devicesOf = copies[expert]!;
      const share = loads.shares[batch * loads.experts + expert]! / devicesOf.length;
      for (const device of devicesOf) onDevice[device]! += share;
    }
    let largest = 0;
    for (const share of onDevice) {
      largest = Math.max(largest, share);
      maxDeviation = Math.max(maxDeviation, Math.abs(share - 1 / devices));
    }
    maxLoad = Math.max(maxLoad, largest);
    sum += largest;
  }
  return { maxLoad, avgMaxLoad: sum / loads.batches, maxDeviation };
}
