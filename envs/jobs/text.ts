import type { FleetConfig } from '../config/fleetConfig.js';
import type { JobBatch, TextColumns } from './batch.js';
import type { ClockFace } from './clocks.js';
import type { JobKind } from './kind.js';
import type { TextTable } from './serviceTable.js';

const none: TextColumns = { isText: new Uint8Array(), promptTokens: new Float64Array(), generatedTokens: new Float64Array() };

/** Nominal time of a text job: to its first token, and that of the others, seconds. */
export const nominalTextSeconds = ({ jobs: { text } }: FleetConfig, generatedTokens: number): number =>
  text.firstTokenSeconds + generatedTokens * text.secondsPerToken;

/**
 * Jobs that generate text; a level is a model and a batch, the fastest at the usual lengths first. Choices wait for memory
 * more or less, so each has its own course over the clock; which is faster depends on a job's lengths. Moving text costs nothing.
 */
export class TextJobs implements JobKind {
  readonly name = 'text';
  readonly levels: number;
  readonly usualLevel = 0;
  readonly ascending = false;
  readonly steadyKw = false;
  /** Of a token of the prompt and of the answer, at the sites' current clocks: seconds, and kWh above idle. */
  readonly unitSeconds: Float64Array;
  readonly otherUnitSeconds: Float64Array;
  readonly unitKwh: Float64Array;
  readonly otherUnitKwh: Float64Array;
  readonly live: ClockFace;
  faces: readonly ClockFace[];
  readonly unitRevenue: Float64Array;
  readonly #fleet: FleetConfig;
  readonly #table: TextTable;
  readonly #serves: Uint8Array;
  #jobs: TextColumns = none;

  constructor(fleet: FleetConfig, table: TextTable, { serves, clockShare }: { readonly serves: Uint8Array; readonly clockShare: Float64Array }) {
    this.#fleet = fleet;
    this.#table = table;
    this.#serves = serves;
    this.levels = table.levels;
    const nowhere = (): Float64Array => new Float64Array(table.utility.length).fill(Infinity);
    this.unitSeconds = nowhere();
    this.otherUnitSeconds = nowhere();
    this.unitKwh = nowhere();
    this.otherUnitKwh = nowhere();
    this.unitRevenue = table.utility;
    const { unitSeconds, otherUnitSeconds, unitKwh, otherUnitKwh } = this;
    const stretch = new Float64Array(serves.length).fill(1);
    this.live = { share: clockShare, unitSeconds, otherUnitSeconds, stretch, kw: null, unitKwh, otherUnitKwh };
    this.faces = [this.live];
  }

  open({ text }: JobBatch): void {
    this.#jobs = text ?? none;
  }

  size(job: number): number {
    return this.#jobs.promptTokens[job]!;
  }

  otherSize(job: number): number {
    return this.#jobs.generatedTokens[job]!;
  }

  worth(): number {
    return 1;
  }

  serves(site: number): boolean {
    return this.#serves[site] !== 0;
  }

  levelsAt(site: number): number {
    return this.#table.choices[site]!;
  }

  /** A choice beyond a site's last is its last. */
  levelAt(site: number, steps: number): number {
    return Math.min(steps, this.#table.choices[site]! - 1);
  }

  stepsAt(level: number): number {
    return level;
  }

  seconds(job: number, site: number, level: number): number {
    const entry = site * this.levels + level;
    return this.#jobs.promptTokens[job]! * this.unitSeconds[entry]! + this.#jobs.generatedTokens[job]! * this.otherUnitSeconds[entry]!;
  }

  fullClockSeconds(job: number, site: number, level: number): number {
    const { promptSeconds, tokenSeconds } = this.#table;
    const entry = site * this.levels + level;
    return this.#jobs.promptTokens[job]! * promptSeconds[entry]! + this.#jobs.generatedTokens[job]! * tokenSeconds[entry]!;
  }

  kw(job: number, site: number, level: number): number {
    const entry = site * this.levels + level;
    const kwh = this.#jobs.promptTokens[job]! * this.unitKwh[entry]! + this.#jobs.generatedTokens[job]! * this.otherUnitKwh[entry]!;
    return (3600 * kwh) / this.seconds(job, site, level);
  }

  revenue(_job: number, site: number, level: number): number {
    return this.#table.utility[site * this.levels + level]!;
  }

  penalty(): number {
    const { bundleRequests, latePenaltyPerRequest } = this.#fleet.jobs.text;
    return bundleRequests * latePenaltyPerRequest;
  }

  transferCost(): number {
    return 0;
  }

  nominalSeconds(job: number): number {
    return nominalTextSeconds(this.#fleet, this.#jobs.generatedTokens[job]!);
  }
}
