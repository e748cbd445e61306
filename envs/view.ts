import type { ServedFleet } from './config/served.js';
import type { JobBatch } from './jobs/batch.js';
import type { JobDesk } from './jobs/desk.js';
import type { ServiceTable } from './jobs/serviceTable.js';
import type { Market } from './market/market.js';
import type { DayConditions } from './site/conditions.js';
import type { Storage } from './site/storage/index.js';
import type { WorkLedger } from './site/workLedger.js';

/**
 * What whoever observes, decides or manages may know of a fleet at a moment of its day. The simulator is one such view; a
 * fleet whose state is told from outside is another. Arrays have one value per site unless said otherwise; times are
 * seconds since the day's start.
 */
export interface FleetView {
  readonly fleet: ServedFleet;
  readonly siteCount: number;
  /** Slots of the day, those that conditions are known for (the next day's too), and the one that is open or next. */
  readonly slots: number;
  readonly foreseenSlots: number;
  readonly slotSeconds: number;
  readonly slot: number;
  readonly conditions: DayConditions;
  readonly markets: readonly Market[];

  /** The day's jobs, and the index of the next one to be decided. */
  readonly jobs: JobBatch;
  readonly nextJob: number;
  /** What jobs take and earn at full clock, and at the sites' current clocks. */
  readonly service: ServiceTable;
  readonly desk: JobDesk;
  /** Seconds from origin (row) to site (column). */
  readonly delaySeconds: Float64Array;

  readonly gpuCount: Int32Array;
  /** Clock, a share of the highest; service time relative to full clock and power above idle of a GPU, kW, at that clock. */
  readonly clockShare: Float64Array;
  readonly slowdown: Float64Array;
  readonly dynamicKw: Float64Array;
  /** Supply air temperature; growth of IT power and cooling power per IT power at it. */
  readonly supplyCelsius: Float64Array;
  readonly itFactor: Float64Array;
  readonly coolingRatio: Float64Array;
  readonly batteries: readonly Storage[];
  /** What is booked on the GPUs. */
  readonly work: WorkLedger;

  /** Running averages: jobs and late jobs per slot over the fleet; GPU-seconds at full clock offered to a site per second. */
  readonly jobsPerSlot: number;
  readonly latePerSlot: number;
  readonly offeredGpus: Float64Array;

  /** Jobs expected to arrive over the hour from `now` on, relative to the day's mean; 1 where none are expected. */
  arrivalsAhead(now: number): number;
  /** When a GPU of the site is free as far as is known at `now` (default: the time that the fleet has come to); may lie in the past. */
  earliestFree(site: number, now?: number): number;
  /** Work still to be done at the site, s per GPU. */
  backlogSeconds(site: number, now: number): number;
  /** What a kWh more in the site's storage is worth, USD, to the manager; the market price to one that does not plan. */
  storedUsdPerKwh(site: number): number;
  /** What one more kWh of IT energy costs at the site in the current slot, USD. */
  marginalUsdPerKwh(site: number): number;
  /** Utility units per second that `kw` of GPU power cost at the site at the margin, cooling included. */
  marginalCost(site: number, kw: number): number;
}

/** A view whose clocks and supply temperatures can be set. */
export interface ManagedView extends FleetView {
  /** Sets the clock of a site, a share of the highest; clamped to the site's range. */
  setClock(site: number, share: number): void;
  /** Sets the supply air temperature of a site for the current slot, degrees Celsius; clamped to the site's range. */
  setSupply(site: number, celsius: number): void;
}
