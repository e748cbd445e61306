import type { Decision, FleetSimulator } from '../../envs/index.js';
import type { Inference } from '../../src/engine/index.js';
import type { RandomStream } from '../../src/math/random.js';
import type { Scheduler } from '../schedulers/index.js';
import { Candidates } from './candidates.js';
import type { Afterstates } from './features.js';

export interface AfterstateSchedulerOptions {
  readonly states: Afterstates;
  /** V(after-state) less the potential, in scaled reward. */
  readonly value: Inference;
  /** Scaled reward of a utility unit. */
  readonly rewardScale: number;
  /** Whether a candidate's own credit counts; without it only what its after-state is worth. */
  readonly creditCounts: boolean;
}

/**
 * Each job where Q(s, candidate) = credit + V(state after it) is largest, over the candidates that meet its deadline.
 * Values and credits are scaled alike.
 */
export class AfterstateScheduler implements Scheduler {
  readonly name = 'afterstate';
  /** Features and potential (scaled) of the state after the last decision. */
  readonly chosen: Float32Array;
  chosenPotential = 0;

  private candidates: Candidates | undefined;
  private readonly features: Float32Array;
  private readonly worth = new Float32Array(1);
  private readonly decision: Decision = { site: 0, steps: 0 };

  constructor(private readonly options: AfterstateSchedulerOptions) {
    this.chosen = new Float32Array(options.states.size);
    this.features = new Float32Array(options.states.size);
  }

  reset(_seed: number): void {}

  decide(job: number, fleet: FleetSimulator): Decision {
    return this.choose(job, fleet, 0);
  }

  /** With probability `epsilon` any candidate, each as likely. */
  choose(job: number, fleet: FleetSimulator, epsilon: number, random?: RandomStream): Decision {
    const { states, value, rewardScale, creditCounts } = this.options;
    const candidates = (this.candidates ??= new Candidates(fleet.siteCount, fleet.service.levels));
    candidates.fill(fleet, job);
    states.observe(fleet, job);
    const only = random !== undefined && random.next() < epsilon ? random.integer(candidates.count) : -1;
    let best = -Infinity;
    for (let i = 0; i < candidates.count; i++) {
      if (only >= 0 && i !== only) continue;
      const candidate = candidates.list[i]!;
      const potential = rewardScale * states.after(fleet, candidate, this.features);
      value(this.features, this.worth);
      const total = (creditCounts ? rewardScale * candidate.credit : 0) + potential + this.worth[0]!;
      if (total <= best) continue;
      best = total;
      this.chosen.set(this.features);
      this.chosenPotential = potential;
      this.decision.site = candidate.site;
      this.decision.steps = fleet.service.steps[candidate.level]!;
    }
    return this.decision;
  }
}
