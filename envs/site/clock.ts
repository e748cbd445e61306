import type { SiteConfig } from '../config/fleetConfig.js';

type Clock = SiteConfig['gpus']['clock'];

/**
 * How much longer a job takes at clock `share` of the highest: delta / f + 1 - delta, where delta is the share of its
 * time bound by the core clock (the rest waits for memory).
 */
export const slowdown = (share: number, { boundShare }: Clock): number => 1 + boundShare * (1 / share - 1);

/** Supply voltage as a share of that at full clock: flat up to a knee, then linear in the clock. */
export function voltageShare(share: number, { voltageFloorShare, voltageKneeShare }: Clock): number {
  if (share <= voltageKneeShare) return voltageFloorShare;
  return voltageFloorShare + ((1 - voltageFloorShare) * (share - voltageKneeShare)) / (1 - voltageKneeShare);
}

/** Dynamic power as a share of that at full clock: V^2 f, the switching power of CMOS logic. */
export const dynamicPowerShare = (share: number, clock: Clock): number => voltageShare(share, clock) ** 2 * share;
