import type { Decision, FleetSimulator } from '../../envs/index.js';
import { bestCandidate, shadowPrices } from '../../envs/index.js';
import type { Scheduler } from './scheduler.js';

/**
 * The job's best immediate utility (revenue - energy - transfer), less a price on the site's backlog:
 * `lambda` per GPU-second and 300 s of backlog per GPU (at most 3). A lambda of 0 is plain greedy.
 */
export class GreedyScheduler implements Scheduler {
  readonly name: string;
  private readonly prices: Float64Array;
  private readonly noAction: Float64Array;
  private readonly decision: Decision = { site: 0, steps: 0 };

  constructor(
    sites: number,
    readonly lambda: number,
  ) {
    this.name = lambda === 0 ? 'greedy' : 'greedy-lambda';
    this.prices = new Float64Array(sites);
    this.noAction = new Float64Array(sites);
  }

  reset(_seed: number): void {}

  decide(job: number, fleet: FleetSimulator): Decision {
    const coefficients = { actionPerGpuSecond: 0, backlogPerGpuSecond: this.lambda };
    shadowPrices(fleet, fleet.jobs.arrivalSeconds[job]!, this.noAction, coefficients, this.prices);
    return bestCandidate(fleet, job, this.prices, this.decision);
  }
}
