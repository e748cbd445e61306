import type { StorageLimits } from './storage.js';

/** What can be done with stored energy over a stretch of time in which prices and the site's load stay as they are. */
export interface EnergyBlock {
  readonly hours: number;
  /** Load less renewables that may be used, kW; negative while renewables exceed the load. */
  readonly netKw: number;
  /** Paid for a kWh more from the grid, USD; may be negative. */
  readonly importUsdPerKwh: number;
  /** Earned by a kWh more to the grid, USD; null where the market takes none and a surplus is curtailed. */
  readonly exportUsdPerKwh: number | null;
}

/** Steps in value smaller than this, USD/kWh, are rounding. */
const sameSlope = 1e-12;

/**
 * The value of stored energy as a function of how much is stored: concave and piecewise linear, as the optimal value of
 * a linear program is in its right-hand side. Kept as pieces of falling slope, from the least to the most energy.
 *
 * `before` is one step of backward dynamic programming, exact and without a grid: the best of
 * `value(energy after) - cost of the block` over what is charged or discharged is the sup-convolution of two concave
 * piecewise linear functions, which joins their pieces in order of slope (Rockafellar 1970, Convex Analysis, section 16),
 * cut to the energies that the storage can hold. Where charging is cheaper than what the same energy costs when it is
 * drawn (at a price below zero), the joined pieces are those of the linear program, which may do both at once.
 */
export class StoredValue {
  /** USD per kWh and kWh of each piece; the pieces cover `highKwh - lowKwh`. */
  readonly slopes: Float64Array;
  readonly widths: Float64Array;

  readonly limits: StorageLimits;

  private constructor(limits: StorageLimits, slopes: Float64Array, widths: Float64Array) {
    this.limits = limits;
    this.slopes = slopes;
    this.widths = widths;
  }

  /** Every kWh is worth the same, USD. */
  static constant(limits: StorageLimits, usdPerKwh: number): StoredValue {
    const range = limits.highKwh - limits.lowKwh;
    return new StoredValue(limits, Float64Array.of(usdPerKwh), Float64Array.of(Math.max(0, range)));
  }

  /** The value `block.hours` earlier, if this is the value after the block. */
  before(block: EnergyBlock): StoredValue {
    const { limits } = this;
    const range = limits.highKwh - limits.lowKwh;
    const { slopes, widths } = blockPieces(limits, block);
    if (range <= 0 || slopes.length === 0) return this;
    // Energy below the least that the block could have brought is cut off, then what the storage cannot hold.
    let skip = limits.powerKw * limits.etaCharge * block.hours;
    let room = range;
    const joinedSlopes: number[] = [];
    const joinedWidths: number[] = [];
    let here = 0;
    let there = 0;
    while (room > 0 && (here < this.slopes.length || there < slopes.length)) {
      const mine = here < this.slopes.length && (there >= slopes.length || this.slopes[here]! >= slopes[there]!);
      const slope = mine ? this.slopes[here]! : slopes[there]!;
      let width = mine ? this.widths[here++]! : widths[there++]!;
      const skipped = Math.min(skip, width);
      skip -= skipped;
      width = Math.min(width - skipped, room);
      if (width <= 0) continue;
      room -= width;
      const last = joinedSlopes.length - 1;
      if (last >= 0 && joinedSlopes[last]! - slope < sameSlope) joinedWidths[last]! += width;
      else {
        joinedSlopes.push(slope);
        joinedWidths.push(width);
      }
    }
    return new StoredValue(limits, Float64Array.from(joinedSlopes), Float64Array.from(joinedWidths));
  }

  /** What `kwh` are worth above the least that can be stored, USD; energy beyond the most adds nothing. */
  worthUsd(kwh: number): number {
    let left = kwh - this.limits.lowKwh;
    let usd = 0;
    for (let i = 0; i < this.slopes.length && left > 0; i++) {
      const width = Math.min(left, this.widths[i]!);
      usd += this.slopes[i]! * width;
      left -= width;
    }
    return usd;
  }

  /** What a kWh more is worth at `kwh`, USD; at the most, what the last one is worth. */
  marginalUsdPerKwh(kwh: number): number {
    let left = kwh - this.limits.lowKwh;
    for (let i = 0; i < this.slopes.length; i++) {
      left -= this.widths[i]!;
      if (left < 0) return this.slopes[i]!;
    }
    return this.slopes[this.slopes.length - 1]!;
  }

  /**
   * The power held over `block` that is worth most, if this is the value of what is stored after it: kW at the
   * terminals, positive to charge. `shiftUsdPerKwh` is added to the value of every kWh. Of powers worth the same the
   * smallest is taken.
   */
  bestKw(kwh: number, block: EnergyBlock, shiftUsdPerKwh = 0): number {
    const charged = this.#bestCharge(kwh, block, shiftUsdPerKwh);
    return charged > 0 ? charged : 0 - this.#bestDischarge(kwh, block, shiftUsdPerKwh);
  }

  /** Charges first from the surplus, then from the grid, as long as a kWh is worth more inside than it costs. */
  #bestCharge(kwh: number, { hours, netKw, importUsdPerKwh, exportUsdPerKwh }: EnergyBlock, shift: number): number {
    const { etaCharge, powerKw } = this.limits;
    const surplusKw = Math.min(powerKw, Math.max(0, -netKw));
    const first = this.#roomAbove((exportUsdPerKwh ?? 0) / etaCharge - shift, kwh) / (etaCharge * hours);
    if (first < surplusKw) return Math.max(0, first);
    const second = this.#roomAbove(importUsdPerKwh / etaCharge - shift, kwh) / (etaCharge * hours);
    return Math.max(surplusKw, Math.min(powerKw, second));
  }

  /** Discharges first into the load, then to the grid, as long as a kWh outside is worth more than inside. */
  #bestDischarge(kwh: number, { hours, netKw, importUsdPerKwh, exportUsdPerKwh }: EnergyBlock, shift: number): number {
    const { etaDischarge, powerKw, wearUsdPerKwh } = this.limits;
    const loadKw = Math.min(powerKw, Math.max(0, netKw));
    const intoLoad = (this.#storedBelow((importUsdPerKwh - wearUsdPerKwh) * etaDischarge - shift, kwh) * etaDischarge) / hours;
    if (intoLoad < loadKw || exportUsdPerKwh === null) return Math.min(loadKw, Math.max(0, intoLoad));
    const sold = (this.#storedBelow((exportUsdPerKwh - wearUsdPerKwh) * etaDischarge - shift, kwh) * etaDischarge) / hours;
    return Math.max(loadKw, Math.min(powerKw, sold));
  }

  /** kWh that can be added to `kwh` while each is worth more than `usdPerKwh`. */
  #roomAbove(usdPerKwh: number, kwh: number): number {
    let to = this.limits.lowKwh;
    for (let i = 0; i < this.slopes.length && this.slopes[i]! > usdPerKwh + sameSlope; i++) to += this.widths[i]!;
    return Math.max(0, to - kwh);
  }

  /** kWh that can be taken from `kwh` while each is worth less than `usdPerKwh`. */
  #storedBelow(usdPerKwh: number, kwh: number): number {
    let from = this.limits.highKwh;
    for (let i = this.slopes.length - 1; i >= 0 && this.slopes[i]! < usdPerKwh - sameSlope; i--) from -= this.widths[i]!;
    return Math.max(0, kwh - from);
  }
}

/**
 * What a block gives for stored energy, and takes, by falling value of a kWh stored: charged from the grid, charged from
 * the surplus, drawn into the load, drawn to the grid. A kWh stored costs `price / etaCharge` and gives
 * `(price - wear) x etaDischarge`.
 */
function blockPieces(limits: StorageLimits, block: EnergyBlock): { slopes: readonly number[]; widths: readonly number[] } {
  const { powerKw, etaCharge, etaDischarge, wearUsdPerKwh } = limits;
  const { hours, netKw, importUsdPerKwh, exportUsdPerKwh } = block;
  const surplusKw = Math.min(powerKw, Math.max(0, -netKw));
  const loadKw = Math.min(powerKw, Math.max(0, netKw));
  const pieces: [slope: number, width: number][] = [];
  const add = (slope: number, width: number): void => {
    if (width > 0) pieces.push([slope, width]);
  };
  add(importUsdPerKwh / etaCharge, (powerKw - surplusKw) * etaCharge * hours);
  add((exportUsdPerKwh ?? 0) / etaCharge, surplusKw * etaCharge * hours);
  add((importUsdPerKwh - wearUsdPerKwh) * etaDischarge, (loadKw / etaDischarge) * hours);
  if (exportUsdPerKwh !== null) add((exportUsdPerKwh - wearUsdPerKwh) * etaDischarge, ((powerKw - loadKw) / etaDischarge) * hours);
  pieces.sort((a, b) => b[0] - a[0]);
  return { slopes: pieces.map(([slope]) => slope), widths: pieces.map(([, width]) => width) };
}
