import type { Decision, FleetView, PriceCoefficients } from '../../envs/index.js';
import { PriceRule } from '../../envs/index.js';
import type { Scheduler } from './scheduler.js';

/**
 * A price on each site's GPU time by a rule (see `PriceRule`), and every job where it is then best: the largest
 * revenue - transfer - energy - GPU time at its price. Without a price this is plain greedy.
 */
export class RuleScheduler implements Scheduler {
  readonly name: string;
  readonly #rule: PriceRule;
  readonly #decision: Decision = { site: 0, steps: 0, clock: 1 };

  /** `choosesClocks`: whether each job's clock is chosen too; otherwise it is the highest. */
  constructor(name: string, sites: number, coefficients: PriceCoefficients, choosesClocks = true) {
    this.name = name;
    this.#rule = new PriceRule(sites, coefficients, choosesClocks);
  }

  get lambda(): ArrayLike<number> {
    return this.#rule.lambda;
  }

  reset(_seed: number): void {}

  decide(job: number, fleet: FleetView): Decision {
    this.#rule.update(fleet, fleet.jobs.arrivalSeconds[job]!);
    return this.#rule.decide(fleet, job, this.#decision);
  }
}

/** Greedy with a price of `lambda` utility units per GPU-second on each 300 s of backlog per GPU (at most 3), at the highest clock; 0 is plain greedy. */
export const greedyScheduler = (sites: number, lambda: number): RuleScheduler =>
  new RuleScheduler(lambda === 0 ? 'greedy' : 'greedy-lambda', sites, { linear: lambda, quadratic: 0, arrivals: 0, margin: 0 }, false);
