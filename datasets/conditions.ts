import { InputError } from '../src/io/errors.js';
import { atSlotMiddles, meanOverSlots } from './hourly.js';
import { hourMs, hourOf } from './time.js';
import type { Conditions } from './world.js';

/** What the world is made of, as published: USD/MWh, gCO2eq/kWh, degrees Celsius, % and km/h. */
export const quantities = ['price', 'carbon', 'temperature', 'cloud', 'wind'] as const;
export type Quantity = (typeof quantities)[number];

/**
 * Values of `count` hours from `firstHour`, and with `andNext` that of the hour after them, for which the last may stand
 * in at the end of what is known. Throws InputError where there are none.
 */
export type HourlySource = (quantity: Quantity, firstHour: number, count: number, andNext: boolean) => Float64Array;

const kmhPerMetrePerSecond = 3.6;

/** Resamples one region's hourly values to slots, by the rules of `World.conditions`. */
export function resample(source: HourlySource, startMs: number, slots: number, slotSeconds: number): Conditions {
  if (!Number.isFinite(startMs)) throw new InputError(`A window must start at a finite time, not ${startMs}.`);
  if (!Number.isInteger(slots) || slots < 1) throw new InputError(`A window needs a whole number of slots, at least 1, not ${slots}.`);
  if (!(slotSeconds > 0 && slotSeconds < Infinity)) throw new InputError(`slotSeconds must be a positive number, not ${slotSeconds}.`);
  const slotMs = slotSeconds * 1000;
  const first = hourOf(startMs);
  const held = Math.ceil((startMs + slots * slotMs) / hourMs) - first;
  const mean = (quantity: Quantity): Float64Array =>
    meanOverSlots(source(quantity, first, held, false), first, { startMs, slots, slotMs });
  const middle = (quantity: Quantity): Float64Array =>
    atSlotMiddles(source(quantity, first, held, true), first, { startMs, slots, slotMs });
  return {
    priceUsdPerMwh: mean('price'),
    carbonKgPerKwh: mean('carbon').map((grams) => grams / 1000),
    outdoorCelsius: middle('temperature'),
    cloudCover: middle('cloud').map((percent) => percent / 100),
    windMetresPerSecond: middle('wind').map((kmh) => kmh / kmhPerMetrePerSecond),
  };
}
