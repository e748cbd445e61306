import { clampUnit, levelOf } from './contract/action.js';
import type { Decision } from './jobs/candidates.js';
import type { FleetView } from './view.js';

/** Shares are the softmax of the logits in [-1, 1] times this, so that one site can take 95 % of an origin's jobs. */
const sharpness = 2;

/**
 * Dispatch by shares: of each origin's jobs, every site gets the share asked for, evenly interleaved (each job goes to
 * the site that is furthest behind its share), with the number of steps asked for at that site.
 */
export class ShareDispatch {
  private readonly weights: Float64Array;
  private readonly owed: Float64Array;
  private readonly asked: Float64Array;

  constructor(private readonly fleet: FleetView) {
    this.weights = new Float64Array(fleet.siteCount ** 2);
    this.owed = new Float64Array(fleet.siteCount ** 2);
    this.asked = new Float64Array(fleet.siteCount);
  }

  /** Reads a site's part of the action from index `at`: one logit per origin, then the level of steps. */
  set(site: number, action: Float32Array, at: number): void {
    const { siteCount } = this.fleet;
    for (let origin = 0; origin < siteCount; origin++) {
      this.weights[origin * siteCount + site] = Math.exp(sharpness * clampUnit(action[at + origin]!));
    }
    this.asked[site] = action[at + siteCount]!;
  }

  decide(job: number, out: Decision): Decision {
    const { siteCount, jobs } = this.fleet;
    const row = jobs.origin[job]! * siteCount;
    let sum = 0;
    for (let k = 0; k < siteCount; k++) sum += this.weights[row + k]!;
    let best = 0;
    for (let k = 0; k < siteCount; k++) {
      this.owed[row + k] = this.owed[row + k]! + this.weights[row + k]! / sum;
      if (this.owed[row + k]! > this.owed[row + best]!) best = k;
    }
    this.owed[row + best] = this.owed[row + best]! - 1;
    out.site = best;
    const kind = this.fleet.desk.kindOf(job);
    out.steps = kind.stepsAt(levelOf(this.asked[best]!, kind.levels));
    return out;
  }

  reset(): void {
    this.owed.fill(0);
  }
}
