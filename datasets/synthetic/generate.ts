import type { Quantity } from '../conditions.js';
import { quantities } from '../conditions.js';
import { knownPlaces } from '../places.js';
import { calendarHour } from './calendar.js';
import { choleskyRows } from './cholesky.js';
import { GaussianField } from './gaussian.js';
import type { SeriesModel, WorldModel } from './model.js';
import { scaleTerms, seasonalBasis } from './model.js';

const keptBlocks = 4096;

/** Generates hourly values of a model's series, block by block, remembering the latest blocks. */
export class Generator {
  readonly #field: GaussianField;
  readonly #blocks = new Map<string, Float64Array>();
  readonly regions: readonly string[];

  constructor(
    private readonly model: WorldModel,
    seed: number,
  ) {
    this.regions = Object.keys(model.regions);
    this.#field = new GaussianField(seed, choleskyRows(model.fastCorrelation), choleskyRows(model.slowCorrelation));
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
    const { scores, values } = this.model.regions[region]![quantity];
    const result = this.scores(region, quantity, block).map((score) => interpolate(scores, values, score));
    if (this.#blocks.size >= keptBlocks) this.#blocks.clear();
    this.#blocks.set(key, result);
    return result;
  }
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
