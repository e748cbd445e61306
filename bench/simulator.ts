import type { FleetConfig } from '../envs/index.js';
import { defaultFleet, FleetControlEnv, FleetSimulator, parseFleet, servedFleet, serviceTable } from '../envs/index.js';
import { createScheduler } from '../agents/schedulers/index.js';
import { genTd26Profile, syntheticWorld } from '../datasets/index.js';
import { median } from '../src/math/statistics.js';
import { medianMs } from './measure.js';
import type { Section } from './section.js';

const day = '2023-06-14';
const profile = genTd26Profile.weightByLocalHour;

/**
 * Job decisions per second of the whole simulator on one core under the random scheduler, energy accounting included;
 * the day's jobs are generated once, outside the timing. Also one slot of FleetControlEnv in price dispatch, and what
 * service profiles cost: decisions of a profiled fleet over those of the same fleet told in constants, in turns.
 */
export const simulator: Section = {
  name: 'simulator',
  run: async () => {
    const fleet = defaultFleet();
    const world = syntheticWorld({ seed: 1 });
    const { jobs, run } = dayOf(fleet);
    const dayMs = medianMs(run, { samples: 15, calls: 40, warmUp: 60 });

    const profiled = profiledFleet();
    const constant: FleetConfig = { ...profiled.told, sites: profiled.told.sites.map((site) => ({ ...site, device: null })) };
    const turns = [constant, profiled.fleet].map((each) => dayOf(each).run);
    const ratios = Array.from({ length: 9 }, () => {
      const [told, asked] = turns.map((turn) => medianMs(turn, { samples: 3, calls: 20, warmUp: 5 }));
      return told! / asked!;
    });

    const env = new FleetControlEnv({ fleet, world, profile, days: [day] });
    const action = new Float32Array(env.actionSpace.size);
    const slotTimes: number[] = [];
    for (let episode = 0; episode < 30; episode++) {
      env.reset({ options: { day } });
      const start = performance.now();
      while (!env.step(action).truncated);
      if (episode >= 10) slotTimes.push((performance.now() - start) / env.fleet.slots);
    }
    return {
      jobDecisionsPerSecond: Math.round(jobs / (dayMs / 1000)),
      profiledDecisionsShare: Number(median(ratios).toFixed(3)),
      fleetControlStepUs: Number((1000 * median(slotTimes)).toFixed(2)),
    };
  },
};

/** The default sites on A100 with catalogue models, and the same with the constants nearest to their profiles. */
function profiledFleet(): { fleet: FleetConfig; told: FleetConfig } {
  const models = ['sd-1.5', 'sdxl', 'sd3-medium'];
  const usual = defaultFleet();
  const fleet = parseFleet({ ...usual, sites: usual.sites.map((site, k) => ({ ...site, device: 'A100-80GB', model: { name: models[k] } })) });
  return { fleet, told: servedFleet(fleet, serviceTable(fleet)) };
}

/** A day of random decisions, ready to be run again and again, and the number of its jobs. */
function dayOf(fleet: FleetConfig): { jobs: number; run: () => void } {
  const sim = new FleetSimulator({ fleet, world: syntheticWorld({ seed: 1 }), profile });
  const jobs = sim.generateJobs(day, 1);
  const scheduler = createScheduler('random', fleet);
  const run = (): void => {
    sim.beginDay(day, jobs);
    for (let job = 0; job < jobs.length; job++) {
      sim.arrive(job);
      const { site, steps } = scheduler.decide(job, sim);
      sim.dispatch(job, site, steps);
    }
    sim.endDay();
  };
  return { jobs: jobs.length, run };
}
