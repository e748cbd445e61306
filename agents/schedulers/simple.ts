import type { Decision, FleetSimulator } from '../../envs/index.js';
import { randomStream } from '../../src/math/random.js';
import type { RandomStream } from '../../src/math/random.js';
import type { Scheduler } from './scheduler.js';

/** A site and a number of steps, each uniformly at random. */
export class RandomScheduler implements Scheduler {
  readonly name = 'random';
  private random: RandomStream = randomStream(0, 'scheduler');
  private readonly decision: Decision = { site: 0, steps: 0 };

  reset(seed: number): void {
    this.random = randomStream(seed, 'scheduler');
  }

  decide(job: number, fleet: FleetSimulator): Decision {
    const kind = fleet.desk.kindOf(job);
    this.decision.site = this.random.integer(fleet.siteCount);
    this.decision.steps = kind.stepsAt(this.random.integer(kind.levels));
    return this.decision;
  }
}

/** Chooses only the site; each job gets the usual level of its kind. */
abstract class FixedStepsScheduler implements Scheduler {
  abstract readonly name: string;
  private readonly decision: Decision = { site: 0, steps: 0 };

  reset(_seed: number): void {}

  decide(job: number, fleet: FleetSimulator): Decision {
    this.decision.site = this.site(job, fleet);
    const kind = fleet.desk.kindOf(job);
    this.decision.steps = kind.stepsAt(kind.usualLevel);
    return this.decision;
  }

  protected abstract site(job: number, fleet: FleetSimulator): number;
}

/** Every job where it arrives. */
export class LocalScheduler extends FixedStepsScheduler {
  readonly name = 'local';

  protected site(job: number, fleet: FleetSimulator): number {
    return fleet.jobs.origin[job]!;
  }
}

/** The sites in turn. */
export class RoundRobinScheduler extends FixedStepsScheduler {
  readonly name = 'round-robin';

  protected site(job: number, fleet: FleetSimulator): number {
    return job % fleet.siteCount;
  }
}

/** The site that could start the job first, its way there included. */
export class ShortestWaitScheduler extends FixedStepsScheduler {
  readonly name = 'shortest-wait';

  protected site(job: number, fleet: FleetSimulator): number {
    const arrival = fleet.jobs.arrivalSeconds[job]!;
    const origin = fleet.jobs.origin[job]!;
    return least(fleet.siteCount, (k) =>
      Math.max(arrival + fleet.delaySeconds[origin * fleet.siteCount + k]!, fleet.earliestFree(k)),
    );
  }
}

/** The site where the job's energy costs least at the margin, among those that meet its deadline if any does. */
export class CheapestEnergyScheduler extends FixedStepsScheduler {
  readonly name = 'cheapest-energy';

  protected site(job: number, fleet: FleetSimulator): number {
    const { jobs, siteCount } = fleet;
    const kind = fleet.desk.kindOf(job);
    const level = kind.usualLevel;
    const arrival = jobs.arrivalSeconds[job]!;
    return least(siteCount, (k) => {
      const seconds = kind.seconds(job, k, level);
      const ready = arrival + fleet.delaySeconds[jobs.origin[job]! * siteCount + k]!;
      const lateness = Math.max(ready, fleet.earliestFree(k)) + seconds - jobs.deadlineSeconds[job]!;
      return lateness > 0 ? 1e12 + lateness : seconds * fleet.marginalCost(k, kind.kw(job, k, level));
    });
  }
}

/** Index in [0, count) with the least cost; the first of equals. */
function least(count: number, cost: (index: number) => number): number {
  let best = 0;
  let bestCost = Infinity;
  for (let k = 0; k < count; k++) {
    const here = cost(k);
    if (here < bestCost) {
      bestCost = here;
      best = k;
    }
  }
  return best;
}
