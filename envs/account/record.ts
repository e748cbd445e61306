/** One site's day; one value per slot in each array. */
export interface SiteRecord {
  readonly name: string;
  readonly region: string;
  readonly priceUsdPerMwh: number[];
  readonly carbonKgPerKwh: number[];
  readonly outdoorCelsius: number[];
  /** Jobs dispatched to the site in the slot. */
  readonly jobs: number[];
  /** Mean share of the GPUs that is busy. */
  readonly utilisation: number[];
  /** Mean over the GPUs of work still to be done at the slot's end, s. */
  readonly backlogSeconds: number[];
  readonly clockShare: number[];
  readonly supplyCelsius: number[];
  /** What a GPU-hour was priced at when the slot's last job was decided, USD; 0 without a price. */
  readonly gpuUsdPerHour: number[];
  /** What a MWh more in the battery was worth, USD; the market price to a manager that does not plan. */
  readonly storedUsdPerMwh: number[];
  readonly itKw: number[];
  readonly coolingKw: number[];
  readonly pvKw: number[];
  readonly windKw: number[];
  readonly curtailedKw: number[];
  /** Positive while charging. */
  readonly batteryKw: number[];
  /** At the slot's end. */
  readonly soc: number[];
  /** Positive while importing. */
  readonly gridKw: number[];
}

/** A day as it can be drawn: JSON-friendly. */
export interface DayRecord {
  readonly day: string;
  readonly slotSeconds: number;
  readonly sites: readonly SiteRecord[];
  /** Jobs dispatched, `flows[class][origin][site][slot]`. */
  readonly flows: { readonly short: number[][][]; readonly long: number[][][] };
  /** Over the fleet, per slot: jobs that will be late, and what the slot added to utility. */
  readonly late: number[];
  readonly utility: number[];
}

/** A record with counts at zero for `slots` slots and the other channels empty, to be filled slot by slot. */
export function emptyRecord(
  day: string,
  slotSeconds: number,
  slots: number,
  sites: readonly { name: string; region: string }[],
): DayRecord {
  const zeros = (): number[] => new Array<number>(slots).fill(0);
  const flows = (): number[][][] => sites.map(() => sites.map(zeros));
  return {
    day,
    slotSeconds,
    sites: sites.map(({ name, region }) => ({
      name,
      region,
      priceUsdPerMwh: [],
      carbonKgPerKwh: [],
      outdoorCelsius: [],
      jobs: zeros(),
      utilisation: [],
      backlogSeconds: [],
      clockShare: [],
      supplyCelsius: [],
      gpuUsdPerHour: zeros(),
      storedUsdPerMwh: [],
      itKw: [],
      coolingKw: [],
      pvKw: [],
      windKw: [],
      curtailedKw: [],
      batteryKw: [],
      soc: [],
      gridKw: [],
    })),
    flows: { short: flows(), long: flows() },
    late: [],
    utility: [],
  };
}

/** Counts a job that goes from its origin to a site in a slot. */
export function recordFlow({ flows, sites }: DayRecord, slot: number, origin: number, site: number, short: boolean): void {
  flows[short ? 'short' : 'long'][origin]![site]![slot]!++;
  sites[site]!.jobs[slot]!++;
}

/** Notes the prices of GPU time that a job was decided at; utility units per GPU-second, `unitUsd` each. */
export function recordPrices({ sites }: DayRecord, slot: number, lambda: ArrayLike<number>, unitUsd: number): void {
  for (let k = 0; k < sites.length; k++) sites[k]!.gpuUsdPerHour[slot] = 3600 * lambda[k]! * unitUsd;
}
