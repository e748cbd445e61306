import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import { knownPlaces } from '../places.js';
import type { Calendar } from './calendar.js';
import { calendarOf } from './calendar.js';
import { choleskyRows } from './cholesky.js';
import { GaussianField } from './gaussian.js';
import type { SeriesModel, SpikeModel, WorldModel } from './model.js';
import { scaleTerms, seasonalTerms } from './model.js';
import { normalProbability } from './normal.js';

const keptBlocks = 4096;
const keptCalendars = 512;

/** Generates hourly values of a model's series, block by block, remembering the latest blocks. */
export class Generator {
  readonly #field: GaussianField;
  readonly #spikes: GaussianField;
  readonly #blocks = new Map<string, Float64Array>();
  readonly #calendars = new Map<string, Calendar>();
  readonly regions: readonly string[];
  readonly #model: WorldModel;

  constructor(
    model: WorldModel,
    seed: number,
  ) {
    this.#model = model;
    this.regions = Object.keys(model.regions);
    this.#field = new GaussianField(seed, 'levels', choleskyRows(model.fastCorrelation), choleskyRows(model.slowCorrelation));
    // Spikes of neighbouring markets come together as their prices do.
    this.#spikes = new GaussianField(seed, 'spikes', choleskyRows(ofPrices(model.fastCorrelation)), choleskyRows(ofPrices(model.slowCorrelation)));
  }

  /** Values of `count` hours from `firstHour` (hours since 1970), in the units of `quantities`. */
  hours(region: string, quantity: Quantity, firstHour: number, count: number): Float64Array {
    const result = new Float64Array(count);
    for (let i = 0; i < count; ) {
      const hour = firstHour + i;
      const block = Math.floor(hour / GaussianField.hoursPerBlock);
      const from = hour - block * GaussianField.hoursPerBlock;
      const part = this.#block(region, quantity, block).subarray(from, from + count - i);
      result.set(part, i);
      i += part.length;
    }
    return result;
  }

  #block(region: string, quantity: Quantity, block: number): Float64Array {
    const key = `${region}/${quantity}/${block}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const series = this.#model.regions[region]![quantity];
    const index = this.regions.indexOf(region) * quantities.length + quantities.indexOf(quantity);
    const z = this.#field.block(index, block, series.shares);
    const calendar = this.#calendar(region, block);
    const result = scoresOf(series, calendar, z).map((score) => interpolate(series.scores, series.values, score));
    if (series.spikes !== undefined) {
      const scores = this.#spikes.block(this.regions.indexOf(region), block, series.spikes.shares);
      addSpikes(result, series.spikes, calendar, scores);
    }
    if (this.#blocks.size >= keptBlocks) this.#blocks.clear();
    this.#blocks.set(key, result);
    return result;
  }

  #calendar(region: string, block: number): Calendar {
    const zone = knownPlaces[region]!.timeZone;
    const key = `${zone}/${block}`;
    let calendar = this.#calendars.get(key);
    if (calendar === undefined) {
      if (this.#calendars.size >= keptCalendars) this.#calendars.clear();
      calendar = calendarOf(zone, block * GaussianField.hoursPerBlock, GaussianField.hoursPerBlock);
      this.#calendars.set(key, calendar);
    }
    return calendar;
  }
}

/** Puts spikes where the normal scores are high enough for the hour and month. */
function addSpikes(prices: Float64Array, spikes: SpikeModel, calendar: Calendar, scores: Float64Array): void {
  for (let h = 0; h < scores.length; h++) {
    const rate = spikes.rate * spikes.byHour[calendar.localHour[h]!]! * spikes.byMonth[calendar.month[h]!]!;
    const fraction = normalProbability(-scores[h]!) / rate;
    if (fraction < 1) prices[h] = spikes.cap + interpolate(spikes.fractions, spikes.excess, fraction);
  }
}

/** The rows and columns of prices in a correlation matrix of all series. */
function ofPrices(lower: readonly (readonly number[])[]): number[][] {
  const isPrice = (index: number): boolean => index % quantities.length === quantities.indexOf('price');
  return lower.filter((_, i) => isPrice(i)).map((row) => row.filter((_, j) => isPrice(j)));
}

function scoresOf(series: SeriesModel, calendar: Calendar, z: Float64Array): Float64Array {
  return z.map((value, h) => {
    const mean = series.mean[calendar.localHour[h]!]!;
    const logScale = series.logScale[calendar.localHour[h]!]!;
    const at = h * seasonalTerms;
    let centre = 0;
    for (let k = 0; k < seasonalTerms; k++) centre += mean[k]! * calendar.basis[at + k]!;
    let spread = 0;
    for (let k = 0; k < scaleTerms; k++) spread += logScale[k]! * calendar.basis[at + k]!;
    return centre + Math.exp(spread) * value;
  });
}

/** Linear between the table's points, held at its ends. */
function interpolate(at: readonly number[], values: readonly number[], x: number): number {
  let low = 0;
  let high = at.length - 1;
  if (x <= at[low]!) return values[low]!;
  if (x >= at[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at[middle]! <= x) low = middle;
    else high = middle;
  }
  return values[low]! + ((x - at[low]!) / (at[high]! - at[low]!)) * (values[high]! - values[low]!);
}
