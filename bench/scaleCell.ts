/** Measures one fleet of `scale` and prints it: `node dist/bench/scaleCell.js SITES GPUS_A_SITE [SCHEDULER]`. */
import { createScheduler } from '../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../datasets/index.js';
import { defaultFleet, FleetSimulator, parseFleet, replayJobs } from '../envs/index.js';
import { randomStream } from '../src/math/random.js';
import { median } from '../src/math/statistics.js';

export interface ScaleCell {
  readonly sites: number;
  /** GPUs of each site. */
  readonly gpus: number;
  /** From the question to the job's being dispatched; what a slot costs is apart. */
  readonly microsecondsPerDecision: number;
  /** Opening and settling a slot, by site. */
  readonly microsecondsPerSiteSlot: number;
  readonly residentMb: number;
}

const day = '2023-06-14';
const rounds = 2;
/** Jobs that a GPU of the default fleet is expected to get in a slot. */
const usualJobs = 0.9;

/**
 * A day of jobs, or where sites are many an hour, decided anew after a first time untold: the medians over slots are told,
 * which other processes hardly move. Jobs come at the default
 * fleet's rate, large fleets, which would take long, fewer. Every GPU is busy until a moment of its own in the first two
 * hours, so that a queue's size tells on what is done to it.
 */
function measure(sites: number, gpus: number, scheduler: string): ScaleCell {
  const usual = defaultFleet().sites;
  const fleet = parseFleet({
    sites: Array.from({ length: sites }, (_, k) => {
      const { region, model } = usual[k % usual.length]!;
      return { name: `site ${k}`, region, model, gpus: { count: gpus } };
    }),
  });
  const sim = new FleetSimulator({ fleet, world: syntheticWorld({ seed: 1 }), profile: genTd26Profile.weightByLocalHour });
  const slots = Math.max(12, Math.min(sim.slots, Math.floor(3000 / sites)));
  const count = Math.min(Math.ceil(usualJobs * sites * gpus * slots), Math.floor(8000 / Math.cbrt(sites)));
  const random = randomStream(1, 'scale');
  const arrivalSeconds = Float64Array.from({ length: count }, (_, i) => (i * slots * sim.slotSeconds) / count);
  const jobs = replayJobs(fleet, { arrivalSeconds, origins: arrivalSeconds.map(() => random.integer(sites)) }, 1);
  const decider = createScheduler(scheduler, fleet);
  const deciding: number[] = [];
  const settling: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    sim.beginDay(day, jobs);
    for (let k = 0; k < sites; k++) for (let i = 0; i < gpus; i++) sim.queues.occupy(k, 7200 * random.next());
    for (let slot = 0; slot < slots; slot++) {
      const began = performance.now();
      sim.beginSlot();
      const opened = performance.now();
      const first = sim.nextJob;
      for (let job = first; job < count && arrivalSeconds[job]! < (slot + 1) * sim.slotSeconds; job++) {
        sim.arrive(job);
        const { site, steps, clock } = decider.decide(job, sim);
        sim.dispatch(job, site, steps, clock);
      }
      const decided = performance.now();
      sim.settleSlot();
      const settled = performance.now();
      if (round === 0) continue;
      if (sim.nextJob > first) deciding.push((1000 * (decided - opened)) / (sim.nextJob - first));
      settling.push((1000 * (opened - began + settled - decided)) / sites);
    }
  }
  return {
    sites,
    gpus,
    microsecondsPerDecision: Number(median(deciding).toFixed(3)),
    microsecondsPerSiteSlot: Number(median(settling).toFixed(2)),
    residentMb: Math.round(process.memoryUsage().rss / 2 ** 20),
  };
}

const [sites, gpus, scheduler = 'greedy'] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(measure(Number(sites), Number(gpus), scheduler))}\n`);
