import type { SiteProfiles } from './clockTable.js';
import type { FleetConfig } from '../config/fleetConfig.js';
import type { JobBatch, TextColumns } from './arrivals.js';
import type { ServiceTable } from './serviceTable.js';
import { referenceCost } from './serviceTable.js';
import { kindsServed } from '../config/serving.js';

/**
 * What the jobs of a day take at each site and level, at the sites' current clocks. A level of an image job is a step
 * choice; a level of a text job is a model and a batch, of which sites may have different ones.
 *
 * A clock changes all step choices of a site alike, as it does the middle one: within 3 % in time and 8 % in energy of
 * their own profiles at half clock, and far closer elsewhere. Text choices, which wait for memory more or less, each have
 * their own.
 */
export class ServiceDesk {
  /** Whether some site does not serve every kind of job. */
  readonly selective: boolean;
  /** Per text entry, four numbers: seconds a token of prompt and of answer, kWh above idle a token of each; for the bundle. */
  private readonly textCost: Float64Array;
  private text: TextColumns | null = null;
  private origin: Uint8Array = new Uint8Array();
  private readonly servesImages: Uint8Array;
  private readonly servesText: Uint8Array;
  /** Per origin, the nearest site that serves such jobs. */
  private readonly nearestImages: Int32Array;
  private readonly nearestText: Int32Array;
  private readonly curves: readonly (ClockCurves | null)[];

  /** `dynamicKw` and `slowdown` are the simulator's: of each site's reference at its current clock. */
  constructor(
    fleet: FleetConfig,
    private readonly table: ServiceTable,
    private readonly dynamicKw: Float64Array,
    private readonly slowdown: Float64Array,
    delaySeconds: Float64Array,
  ) {
    this.textCost = new Float64Array(textColumns * table.text.utility.length).fill(Infinity);
    this.servesImages = Uint8Array.from(fleet.sites, (site) => Number(kindsServed(site).image));
    this.servesText = Uint8Array.from(fleet.sites, (site) => Number(kindsServed(site).text));
    this.selective = this.servesImages.includes(0) || (table.text.levels > 0 && this.servesText.includes(0));
    this.nearestImages = nearest(this.servesImages, delaySeconds);
    this.nearestText = nearest(this.servesText, delaySeconds);
    this.curves = table.profiles.map((profile) => (profile === null ? null : clockCurves(fleet, profile)));
  }

  /** Takes over a day's jobs. */
  open({ text, origin }: JobBatch): void {
    this.text = text ?? null;
    this.origin = origin;
  }

  isText(job: number): boolean {
    return this.text !== null && this.text.isText[job] === 1;
  }

  /** Ways to run a job: step choices of an image job, the most choices of any site for a text job. */
  levels(job: number): number {
    return this.isText(job) ? this.table.text.levels : this.table.levels;
  }

  /** What `dispatch` is told to run a job at a level: the denoising steps, or for a text job the level itself. */
  stepsAt(job: number, level: number): number {
    return this.isText(job) ? level : this.table.steps[level]!;
  }

  /** The site itself if it serves such jobs, else the nearest to the job's origin that does. */
  siteFor(job: number, site: number): number {
    const text = this.isText(job);
    if ((text ? this.servesText : this.servesImages)[site] !== 0) return site;
    return (text ? this.nearestText : this.nearestImages)[this.origin[job]!]!;
  }

  /** GPU-seconds of a job of `images` images, or of a text job; Infinity where it cannot run so. */
  seconds(job: number, images: number, site: number, level: number): number {
    if (this.isText(job)) return this.textSeconds(job, site, level);
    const entry = site * this.table.levels + level;
    return images * this.table.gpuSeconds[entry]! * this.slowdown[site]!;
  }

  /** Power above idle of a GPU while it runs a job, kW. */
  kw(job: number, site: number, level: number): number {
    return this.isText(job) ? this.textKw(job, site, level) : this.dynamicKw[site]!;
  }

  textSeconds(job: number, site: number, level: number): number {
    const at = textColumns * (site * this.table.text.levels + level);
    return this.text!.promptTokens[job]! * this.textCost[at]! + this.text!.generatedTokens[job]! * this.textCost[at + 1]!;
  }

  textKw(job: number, site: number, level: number): number {
    const at = textColumns * (site * this.table.text.levels + level);
    const kwh = this.text!.promptTokens[job]! * this.textCost[at + 2]! + this.text!.generatedTokens[job]! * this.textCost[at + 3]!;
    return (3600 * kwh) / this.textSeconds(job, site, level);
  }

  textSecondsAtFullClock(job: number, site: number, level: number): number {
    const { levels, promptSeconds, tokenSeconds } = this.table.text;
    const entry = site * levels + level;
    return this.text!.promptTokens[job]! * promptSeconds[entry]! + this.text!.generatedTokens[job]! * tokenSeconds[entry]!;
  }

  /** Takes over the clock share of a profiled site. */
  setClock(site: number, share: number): void {
    const { shares, values, width } = this.curves[site]!;
    const last = shares.length - 1;
    // The share's place between two clocks of the table: at or above `index`, `part` of the way to the next.
    const place = last === 0 ? 0 : Math.min(last, Math.max(0, ((share - shares[0]!) / (1 - shares[0]!)) * last));
    const index = Math.min(Math.max(0, last - 1), Math.floor(place));
    const part = place - index;
    const low = index * width;
    const high = last === 0 ? low : low + width;
    this.slowdown[site] = values[low]! + part * (values[high]! - values[low]!);
    this.dynamicKw[site] = values[low + 1]! + part * (values[high + 1]! - values[low + 1]!);
    const to = textColumns * site * this.table.text.levels - 2;
    for (let i = 2; i < width; i++) this.textCost[to + i] = values[low + i]! + part * (values[high + i]! - values[low + i]!);
  }
}

const textColumns = 4;

/** What a site's clock decides, clock by clock: the reference's slowdown and power, then four columns a text level. */
interface ClockCurves {
  readonly shares: Float64Array;
  readonly width: number;
  readonly values: Float64Array;
}

function clockCurves(fleet: FleetConfig, profile: SiteProfiles): ClockCurves {
  const { shares, text } = profile;
  const reference = referenceCost(fleet, profile);
  const bundle = fleet.jobs.text.bundleRequests;
  const rows = Array.from(shares, (_, i) => {
    return [
      reference.seconds[i]! / reference.seconds.at(-1)!,
      (3600 * reference.dynamicKwh[i]!) / reference.seconds[i]!,
      ...text.flatMap(({ perPromptToken: prompt, perToken: token }) =>
        [prompt.seconds, token.seconds, prompt.dynamicKwh, token.dynamicKwh].map((values) => bundle * values[i]!),
      ),
    ];
  });
  return { shares, width: rows[0]!.length, values: Float64Array.from(rows.flat()) };
}

function nearest(serves: Uint8Array, delaySeconds: Float64Array): Int32Array {
  const count = serves.length;
  return Int32Array.from({ length: count }, (_, origin) => {
    let best = -1;
    for (let k = 0; k < count; k++) {
      if (serves[k] === 1 && (best < 0 || delaySeconds[origin * count + k]! < delaySeconds[origin * count + best]!)) best = k;
    }
    return best;
  });
}
