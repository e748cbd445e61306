import type { ServedFleet } from '../config/served.js';
import { dynamicPowerShare, slowdown } from './clock.js';
import { coolingRatio, itPowerFactor } from './cooling.js';

/** What the sites of a fleet are set to in a slot, and what follows of it; one value per site in each array. */
export class SiteStates {
  /** Clock, a share of the highest. */
  readonly clockShare: Float64Array;
  /** Service time relative to full clock, and power above idle of a busy GPU, kW, at the clock. */
  readonly slowdown: Float64Array;
  readonly dynamicKw: Float64Array;
  readonly supplyCelsius: Float64Array;
  /** Growth of IT power, and cooling power per IT power, at the supply temperature. */
  readonly itFactor: Float64Array;
  readonly coolingRatio: Float64Array;
  readonly #fleet: ServedFleet;

  /** Full clocks and the set supply temperatures. */
  constructor(fleet: ServedFleet) {
    this.#fleet = fleet;
    const { sites } = fleet;
    this.clockShare = new Float64Array(sites.length).fill(1);
    this.slowdown = new Float64Array(sites.length).fill(1);
    this.dynamicKw = Float64Array.from(sites, ({ gpus }) => gpus.powerKw * (1 - gpus.idleShare));
    this.supplyCelsius = Float64Array.from(sites, ({ cooling }) => cooling.supplyCelsius);
    this.itFactor = new Float64Array(sites.length).fill(1);
    this.coolingRatio = new Float64Array(sites.length);
  }

  /** Sets the clock of a site that is told in constants; clamped to the site's range. */
  setClock(site: number, share: number): void {
    const { clock, powerKw, idleShare } = this.#fleet.sites[site]!.gpus;
    const clamped = this.clampClock(site, share);
    this.slowdown[site] = slowdown(clamped, clock);
    this.dynamicKw[site] = powerKw * (1 - idleShare) * dynamicPowerShare(clamped, clock);
  }

  /** Notes the clock of a site, clamped to its range, and returns it; what follows of it is the caller's. */
  clampClock(site: number, share: number): number {
    const clamped = Math.min(1, Math.max(this.#fleet.sites[site]!.gpus.clock.minShare, share));
    this.clockShare[site] = clamped;
    return clamped;
  }

  /** Sets the supply air temperature of a site, clamped to its range, at an outdoor temperature; degrees Celsius. */
  setSupply(site: number, celsius: number, outdoorCelsius: number): void {
    const { cooling } = this.#fleet.sites[site]!;
    const supply = Math.min(cooling.supplyMaxCelsius, Math.max(cooling.supplyMinCelsius, celsius));
    this.supplyCelsius[site] = supply;
    this.itFactor[site] = itPowerFactor(supply, cooling);
    this.coolingRatio[site] = coolingRatio(supply, outdoorCelsius, cooling);
  }
}
