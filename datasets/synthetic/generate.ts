import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import { knownPlaces } from '../places.js';
import { calendarHour } from './calendar.js';
import { choleskyRows } from './cholesky.js';
import { GaussianField } from './gaussian.js';
import type { SeriesModel, SpikeModel, WorldModel } from './model.js';
import { scaleTerms, seasonalBasis } from './model.js';
import { normalProbability } from './normal.js';

const keptBlocks = 4096;

/** Generates hourly values of a model's series, block by block, remembering the latest blocks. */
export class Generator {
  readonly #field: GaussianField;
  readonly #spikes: GaussianField;
  readonly #blocks = new Map<string, Float64Array>();
  readonly regions: readonly string[];

  constructor(
    private readonly model: WorldModel,
    seed: number,
  ) {
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

  /** mean + scale z: what G turns into a value. */
  scores(region: string, quantity: Quantity, block: number): Float64Array {
    const series = this.model.regions[region]![quantity];
    const index = this.regions.indexOf(region) * quantities.length + quantities.indexOf(quantity);
    const z = this.#field.block(index, block, series.shares);
    const zone = knownPlaces[region]!.timeZone;
    return z.map((value, h) => scoreAt(series, zone, block * GaussianField.hoursPerBlock + h, value));
  }

  #block(region: string, quantity: Quantity, block: number): Float64Array {
    const key = `${region}/${quantity}/${block}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const { scores, values, spikes } = this.model.regions[region]![quantity];
    const result = this.scores(region, quantity, block).map((score) => interpolate(scores, values, score));
    if (spikes !== undefined) this.#addSpikes(result, spikes, region, block);
    if (this.#blocks.size >= keptBlocks) this.#blocks.clear();
    this.#blocks.set(key, result);
    return result;
  }

  #addSpikes(prices: Float64Array, spikes: SpikeModel, region: string, block: number): void {
    const q = this.#spikes.block(this.regions.indexOf(region), block, spikes.shares);
    const zone = knownPlaces[region]!.timeZone;
    for (let h = 0; h < q.length; h++) {
      const { localHour, month } = calendarHour(zone, block * GaussianField.hoursPerBlock + h);
      const rate = spikes.rate * spikes.byHour[localHour]! * spikes.byMonth[month]!;
      const fraction = normalProbability(-q[h]!) / rate;
      if (fraction < 1) prices[h] = spikes.cap + interpolate(spikes.fractions, spikes.excess, fraction);
    }
  }
}

/** The rows and columns of prices in a correlation matrix of all series. */
function ofPrices(lower: readonly (readonly number[])[]): number[][] {
  const isPrice = (index: number): boolean => index % quantities.length === quantities.indexOf('price');
  return lower.filter((_, i) => isPrice(i)).map((row) => row.filter((_, j) => isPrice(j)));
}

function scoreAt(series: SeriesModel, timeZone: string, hour: number, z: number): number {
  const { localHour, weekend, yearPhase } = calendarHour(timeZone, hour);
  const basis = seasonalBasis(yearPhase, weekend);
  const mean = series.mean[localHour]!;
  const logScale = series.logScale[localHour]!;
  let centre = 0;
  for (let k = 0; k < basis.length; k++) centre += mean[k]! * basis[k]!;
  let spread = 0;
  for (let k = 0; k < scaleTerms; k++) spread += logScale[k]! * basis[k]!;
  return centre + Math.exp(spread) * z;
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
