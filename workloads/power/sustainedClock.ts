import type { PowerCoefficients } from './power.js';
import { modulePower, sustainedCapW, totalPower } from './power.js';
import type { Setting, TimeCoefficients } from './timeline.js';
import { timelineOf, toVector } from './timeline.js';

/** Both models' coefficients. */
export interface Coefficients {
  readonly time: TimeCoefficients;
  readonly power: PowerCoefficients;
}

/** The highest clock up to `wanted` whose power the board can sustain, to within 1 MHz. */
export function sustainedClock(setting: Setting, wanted: number, { time, power }: Coefficients): number {
  const { device } = setting;
  const coefficients = toVector(time);
  const fits = (mhz: number): boolean => totalPower(modulePower(timelineOf(setting, mhz, coefficients), device, mhz, power)) <= sustainedCapW(device);
  if (fits(wanted)) return wanted;
  let low = device.minClockMhz;
  let high = wanted;
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
