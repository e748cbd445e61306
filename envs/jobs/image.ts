import type { FleetConfig } from '../config/fleetConfig.js';
import type { JobBatch } from './batch.js';
import type { ClockFace } from './clocks.js';
import type { JobKind } from './kind.js';
import type { ServiceTable } from './serviceTable.js';

/** Denoising steps of policies which do not choose them, if the fleet offers them; else the nearest choice. */
export const usualSteps = 30;

/** Service time at full clock that deadlines are multiples of: the nominal model at the nominal steps, seconds. */
export function nominalSeconds(fleet: FleetConfig, images: number): number {
  const { nominalBaseSeconds, nominalSecondsPerStep, nominalSteps } = fleet.jobs.deadline;
  return fleet.jobs.bundleRequests * images * (nominalBaseSeconds + nominalSteps * nominalSecondsPerStep);
}

/** What image jobs need of the sites: whether each serves them, and time and power at its current clock. */
export interface ImageSites {
  readonly serves: Uint8Array;
  readonly clockShare: Float64Array;
  readonly slowdown: Float64Array;
  readonly dynamicKw: Float64Array;
}

/**
 * Jobs that make images; a level is a choice of denoising steps. A clock changes all step choices of a site alike, as it
 * does the middle one: within 3 % in time and 8 % in energy of their own profiles at half clock, and far closer elsewhere.
 */
export class ImageJobs implements JobKind {
  readonly name = 'image';
  readonly levels: number;
  readonly usualLevel: number;
  readonly ascending = true;
  readonly steadyKw = true;
  readonly live: ClockFace;
  faces: readonly ClockFace[];
  readonly unitRevenue: Float64Array;
  readonly #fleet: FleetConfig;
  readonly #table: ServiceTable;
  readonly #serves: Uint8Array;
  #images: Uint16Array = new Uint16Array();

  constructor(fleet: FleetConfig, table: ServiceTable, sites: ImageSites) {
    this.#fleet = fleet;
    this.#table = table;
    this.#serves = sites.serves;
    const { clockShare, slowdown, dynamicKw } = sites;
    this.live = { share: clockShare, unitSeconds: table.gpuSeconds, otherUnitSeconds: null, stretch: slowdown, kw: dynamicKw, unitKwh: null, otherUnitKwh: null };
    this.faces = [this.live];
    this.unitRevenue = table.utility;
    this.levels = table.levels;
    const distance = (steps: number): number => Math.abs(steps - usualSteps);
    this.usualLevel = fleet.stepsChoices.reduce((best, steps, level) => (distance(steps) < distance(fleet.stepsChoices[best]!) ? level : best), 0);
  }

  open({ images }: JobBatch): void {
    this.#images = images;
  }

  size(job: number): number {
    return this.#images[job]!;
  }

  otherSize(): number {
    return 0;
  }

  worth(job: number): number {
    return this.#images[job]!;
  }

  serves(site: number): boolean {
    return this.#serves[site] !== 0;
  }

  levelsAt(site: number): number {
    return this.serves(site) ? this.levels : 0;
  }

  levelAt(_site: number, steps: number): number {
    return this.#table.levelOfSteps[steps] ?? -1;
  }

  stepsAt(level: number): number {
    return this.#table.steps[level]!;
  }

  seconds(job: number, site: number, level: number): number {
    return this.fullClockSeconds(job, site, level) * this.live.stretch[site]!;
  }

  fullClockSeconds(job: number, site: number, level: number): number {
    return this.#images[job]! * this.live.unitSeconds[site * this.levels + level]!;
  }

  kw(_job: number, site: number): number {
    return this.live.kw![site]!;
  }

  revenue(job: number, site: number, level: number): number {
    return this.#images[job]! * this.unitRevenue[site * this.levels + level]!;
  }

  penalty(job: number): number {
    return this.#images[job]! * this.#fleet.latePenaltyPerImage;
  }

  transferCost(job: number): number {
    return this.#images[job]! * this.#fleet.transfer.costPerImage;
  }

  nominalSeconds(job: number): number {
    return nominalSeconds(this.#fleet, this.#images[job]!);
  }
}
