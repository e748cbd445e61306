/** What the outside world is at one place over consecutive slots; every array has one value per slot. */
export interface Conditions {
  /** Market price of electricity, USD/MWh; may be negative. */
  readonly priceUsdPerMwh: Float64Array;
  /** Direct emissions of grid electricity, kg CO2eq/kWh. */
  readonly carbonKgPerKwh: Float64Array;
  /** Outdoor dry-bulb temperature, degrees Celsius. */
  readonly outdoorCelsius: Float64Array;
  /** Cloud cover, 0 to 1. */
  readonly cloudCover: Float64Array;
  /** Wind speed 10 m above ground, m/s. */
  readonly windMetresPerSecond: Float64Array;
}

/** A stretch of time from its first instant to its last, exclusive; UTC milliseconds since 1970. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Place {
  readonly latitudeDegrees: number;
  readonly longitudeDegrees: number;
  /** IANA name, such as America/Los_Angeles. */
  readonly timeZone: string;
}

/**
 * Where electricity has a price and the sun shines: real series or a calibrated generator behind one face.
 * All times are UTC milliseconds since 1970.
 */
export interface World {
  readonly name: string;
  readonly regions: readonly string[];
  /** What of a region is not known and therefore generated, in a sentence; null if all of it is known. */
  generated?(region: string): string | null;
  /**
   * What of a region is covered by all of its series, prices, carbon and weather; what is generated covers any time, and says
   * -Infinity, Infinity. Throws InputError for an unknown region, or one that lacks a series.
   */
  span(region: string): Span;
  /** Throws InputError for an unknown region. */
  place(region: string): Place;
  /**
   * Conditions in `region` for `slots` slots of `slotSeconds` from `startMs`. Prices and carbon hold for their hour
   * (a slot longer than an hour takes the time-weighted mean); weather is interpolated linearly at the slot's middle.
   * Throws InputError for an unknown region or a window that is not covered.
   */
  conditions(region: string, startMs: number, slots: number, slotSeconds: number): Conditions;
}
