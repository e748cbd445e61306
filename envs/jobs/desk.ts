import type { ServedFleet } from '../config/served.js';
import { kindsServed } from '../config/serving.js';
import type { SiteStates } from '../site/siteStates.js';
import type { JobBatch } from './batch.js';
import type { SiteProfiles } from './clockTable.js';
import { frozenFace, jobClocks } from './clocks.js';
import { ImageJobs } from './image.js';
import type { JobKind } from './kind.js';
import type { ServiceTable } from './serviceTable.js';
import { referenceCost } from './serviceTable.js';
import { TextJobs } from './text.js';

/** The kinds of job of a fleet, at the sites' current clocks, and who serves them. */
export class JobDesk {
  readonly image: ImageJobs;
  readonly text: TextJobs;
  /** Whether some site does not serve every kind of job. */
  readonly selective: boolean;
  readonly #states: SiteStates;
  readonly #curves: readonly (ClockCurves | null)[];
  /** Per kind (row) and origin (column), the nearest site that serves such jobs. */
  readonly #nearest: ReadonlyMap<JobKind, Int32Array>;
  #isText: Uint8Array | null = null;
  #origin: Uint16Array = new Uint16Array();

  constructor(fleet: ServedFleet, table: ServiceTable, states: SiteStates, delaySeconds: Float64Array) {
    const served = fleet.sites.map(kindsServed);
    const servesImages = Uint8Array.from(served, ({ image }) => Number(image));
    const servesText = Uint8Array.from(served, ({ text }) => Number(text));
    this.#states = states;
    this.image = new ImageJobs(fleet, table, { serves: servesImages, clockShare: states.clockShare, slowdown: states.slowdown, dynamicKw: states.dynamicKw });
    this.text = new TextJobs(fleet, table.text, { serves: servesText, clockShare: states.clockShare });
    this.selective = servesImages.includes(0) || (table.text.levels > 0 && servesText.includes(0));
    this.#nearest = new Map<JobKind, Int32Array>([
      [this.image, nearest(servesImages, delaySeconds)],
      [this.text, nearest(servesText, delaySeconds)],
    ]);
    this.#curves = table.profiles.map((profile) => (profile === null ? null : clockCurves(fleet, profile)));
    const setAll = (share: number): void => fleet.sites.forEach((_, k) => this.setClock(k, share));
    if (fleet.clockScope === 'job') {
      const faces = jobClocks.map((share) => {
        setAll(share);
        return [frozenFace(this.image.live), frozenFace(this.text.live)] as const;
      });
      this.image.faces = faces.map(([image]) => image);
      this.text.faces = faces.map(([, text]) => text);
    }
    setAll(1);
  }

  /** Most levels of any kind. */
  get levels(): number {
    return Math.max(this.image.levels, this.text.levels);
  }

  /** Takes over a day's jobs. */
  open(jobs: JobBatch): void {
    this.#isText = jobs.text?.isText ?? null;
    this.#origin = jobs.origin;
    this.image.open(jobs);
    this.text.open(jobs);
  }

  kindOf(job: number): JobKind {
    return this.#isText !== null && this.#isText[job] === 1 ? this.text : this.image;
  }

  /** The site itself if it serves such jobs, else the nearest to the job's origin that does. */
  siteFor(job: number, site: number): number {
    const kind = this.kindOf(job);
    return kind.serves(site) ? site : this.#nearest.get(kind)![this.#origin[job]!]!;
  }

  /** Sets the clock of a site, a share of the highest; clamped to the site's range. */
  setClock(site: number, share: number): void {
    const curves = this.#curves[site]!;
    if (curves === null) {
      this.#states.setClock(site, share);
      return;
    }
    const clamped = this.#states.clampClock(site, share);
    const { shares, values, width } = curves;
    const last = shares.length - 1;
    // The share's place between two clocks of the table: at or above `index`, `part` of the way to the next.
    const place = last === 0 ? 0 : Math.min(last, Math.max(0, ((clamped - shares[0]!) / (1 - shares[0]!)) * last));
    const index = Math.min(Math.max(0, last - 1), Math.floor(place));
    const part = place - index;
    const low = index * width;
    const high = last === 0 ? low : low + width;
    const { slowdown, dynamicKw } = this.#states;
    const between = (i: number): number => values[low + i]! + part * (values[high + i]! - values[low + i]!);
    slowdown[site] = between(0);
    dynamicKw[site] = between(1);
    const { levels, unitSeconds, otherUnitSeconds, unitKwh, otherUnitKwh } = this.text;
    for (let i = 2, entry = site * levels; i < width; i += 4, entry++) {
      unitSeconds[entry] = between(i);
      otherUnitSeconds[entry] = between(i + 1);
      unitKwh[entry] = between(i + 2);
      otherUnitKwh[entry] = between(i + 3);
    }
  }
}

/** What a site's clock decides, clock by clock: the reference's slowdown and power, then the columns of each text level. */
interface ClockCurves {
  readonly shares: Float64Array;
  readonly width: number;
  readonly values: Float64Array;
}

function clockCurves(fleet: ServedFleet, profile: SiteProfiles): ClockCurves {
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
