import type { BoxSpace } from '../contract/environment.js';
import type { SiteFeature } from './features.js';
import { priceFeature } from './features.js';
import { boxSpace, observationBound } from './fleetObservation.js';
import type { Layout } from './fleetObservation.js';
import { jobsPerDay } from '../config/fleetConfig.js';
import type { FleetView } from '../view.js';

const globalNames = ['timeSin', 'timeCos', 'images', 'logImages', 'logDeadline', 'logSlack', 'short', 'arrivals'] as const;
const siteNames = [
  'isOrigin',
  'logWait',
  'logBacklog',
  'feasibleSteps',
  'price',
  'priceInAnHour',
  'renewables',
  'soc',
] as const;

/**
 * What an agent sees when a job arrives. Global: time of the UTC day (sine, cosine), images / 4 - 1, log2 images,
 * ln(time to the deadline / 600 s), ln(time to the deadline / nominal service time), whether the deadline is short,
 * running average of arrivals relative to their mean less 1. Per site: whether it is the origin, log1p(wait s) / 6 and
 * log1p(backlog s) / 6, the share of step choices that would meet the deadline, price now and in an hour
 * (asinh(USD per MWh / 50) / 2), renewables per full IT power, state of charge. At the end of a day, when no job is
 * there, what belongs to one is 0. A text job has no images (images / 4 - 1 is -1, log2 is 0); its choices are of model and batch.
 */
export class JobObserver {
  readonly names: readonly string[];
  readonly layout: Layout;
  readonly space: BoxSpace;
  readonly buffer: Float32Array;

  /** `extra` features of each site come after its own. */
  constructor(
    private readonly fleet: FleetView,
    private readonly extra: readonly SiteFeature[] = [],
  ) {
    const names = [...siteNames, ...extra.map(({ name }) => name)];
    const { sites } = fleet.fleet;
    this.layout = { globalSize: globalNames.length, siteSize: names.length, sites: sites.length };
    this.names = [...globalNames, ...sites.flatMap((site) => names.map((name) => `${site.name}.${name}`))];
    this.space = boxSpace(this.names.length, observationBound);
    this.buffer = new Float32Array(this.names.length);
  }

  /** Writes what is seen at the arrival of the fleet's next job into the buffer and returns it. */
  observe(): Float32Array {
    const { fleet, buffer } = this;
    const { jobs, slotSeconds, siteCount } = fleet;
    const job = fleet.nextJob;
    const there = job < jobs.length;
    const now = there ? jobs.arrivalSeconds[job]! : fleet.slots * slotSeconds;
    const kind = fleet.desk.kindOf(job);
    const images = there ? jobs.images[job]! : 4;
    const left = there ? jobs.deadlineSeconds[job]! - now : 0;
    const origin = there ? jobs.origin[job]! : -1;
    const angle = (2 * Math.PI * now) / (fleet.slots * slotSeconds);
    const inAnHour = Math.min(fleet.slot + 3600 / slotSeconds, fleet.foreseenSlots - 1);
    let i = 0;
    const put = (value: number): void => {
      buffer[i++] = Math.min(observationBound, Math.max(-observationBound, value));
    };
    put(Math.sin(angle));
    put(Math.cos(angle));
    put(images / 4 - 1);
    put(there ? Math.log2(Math.max(1, images)) : 0);
    put(there ? Math.log(left / 600) : 0);
    put(there ? Math.log(left / kind.nominalSeconds(job)) : 0);
    put(there ? jobs.short[job]! : 0);
    put((fleet.jobsPerSlot * fleet.slots) / jobsPerDay(fleet.fleet) - 1);
    const levels = there ? kind.levels : 1;
    for (let k = 0; k < siteCount; k++) {
      const { gpus } = fleet.fleet.sites[k]!;
      const here = fleet.conditions.sites[k]!;
      let feasible = 0;
      if (there) {
        const start = Math.max(now + fleet.delaySeconds[origin * siteCount + k]!, fleet.earliestFree(k));
        while (feasible < levels) {
          if (start + kind.seconds(job, k, feasible) > now + left) break;
          feasible++;
        }
      }
      put(Number(k === origin));
      put(Math.log1p(Math.max(0, fleet.earliestFree(k) - now)) / 6);
      put(Math.log1p(fleet.backlogSeconds(k, now)) / 6);
      put(feasible / levels);
      put(priceFeature(here.priceUsdPerKwh[fleet.slot]!));
      put(priceFeature(here.priceUsdPerKwh[inAnHour]!));
      put(here.renewableKw[fleet.slot]! / (gpus.count * gpus.powerKw));
      put(fleet.batteries[k]!.soc);
      for (const feature of this.extra) put(feature.of(fleet, k));
    }
    return buffer;
  }
}
