import type { BoxSpace, Environment, ResetOptions, Step } from './contract/environment.js';
import type { FleetSimulator } from './fleet.js';
import type { Layout } from './observe/fleetObservation.js';

/** What an environment of a fleet tells of a step, as far as a twin compares it. */
export interface ComparedInfo {
  readonly settled?: number;
  readonly residual?: number;
  readonly credit?: number;
}

/** An environment around a fleet. */
export interface FleetEnvironment<Info> extends Environment<Info> {
  readonly fleet: FleetSimulator;
  readonly observationNames: readonly string[];
  readonly observationLayout: Layout;
  readonly actionNames: readonly string[];
}

/**
 * Pays a learner for what it does better than a reference: a second fleet gets the same jobs and follows the reference's
 * policy, and `reward = paid(learner) - paid(reference) + change of [W(stored by the learner) - W(stored by the reference)]`.
 *
 * What the reference is paid does not depend on the learner's actions, so that it is an input-dependent baseline: it takes
 * out of the return what jobs, prices and weather bring, without bias (Mao et al. 2019, arXiv 1807.02264). W is the
 * reference's value of stored energy (`StoredValue`; 0 for a manager that does not plan, and at the day's end, where the
 * account pays for it), which marks energy to market: a potential, so that it changes no optimal policy either (Ng, Harada
 * and Russell 1999), but pays for charging when it happens. Credits and settled pay in the info are compared likewise;
 * totals and all else are the learner's own.
 */
export class TwinEnv<Info extends ComparedInfo> implements FleetEnvironment<Info> {
  readonly observationSpace: BoxSpace;
  readonly observationNames: readonly string[];
  readonly observationLayout: Layout;
  readonly actionSpace: BoxSpace;
  readonly actionNames: readonly string[];
  readonly #own: FleetEnvironment<Info>;
  readonly #reference: FleetEnvironment<ComparedInfo>;
  readonly #follow: Float32Array;

  /**
   * `reference` is an environment of the same fleet and days, a step of which is a step of `own`; an action of zeros is its
   * policy, as it is the rule where actions are prices.
   */
  constructor(own: FleetEnvironment<Info>, reference: FleetEnvironment<ComparedInfo>) {
    this.#own = own;
    this.#reference = reference;
    this.#follow = new Float32Array(reference.actionSpace.size);
    this.observationSpace = own.observationSpace;
    this.observationNames = own.observationNames;
    this.observationLayout = own.observationLayout;
    this.actionSpace = own.actionSpace;
    this.actionNames = own.actionNames;
  }

  /** The learner's fleet. */
  get fleet(): FleetSimulator {
    return this.#own.fleet;
  }

  reset(options: ResetOptions = {}): { observation: Float32Array; info: Info } {
    this.#reference.reset({ ...options, ...(options.options === undefined ? {} : { options: { ...options.options, record: false } }) });
    return this.#own.reset(options);
  }

  step(action: Float32Array): Step<Info> {
    const before = this.#storedMore();
    const own = this.#own.step(action);
    const reference = this.#reference.step(this.#follow);
    const change = (own.truncated ? 0 : this.#storedMore()) - before;
    const { settled, residual, credit } = own.info;
    const theirs = reference.info;
    const compared =
      settled !== undefined
        ? { settled: settled + (residual ?? 0) - theirs.settled! - (theirs.residual ?? 0) + change, residual: 0 }
        : credit !== undefined
          ? { credit: credit - theirs.credit! + change }
          : {};
    return { ...own, reward: own.reward - reference.reward + change, info: { ...own.info, ...compared } };
  }

  /** What the learner has stored more than the reference, at the reference's value of it; utility units. */
  #storedMore(): number {
    const own = this.#own.fleet;
    const reference = this.#reference.fleet;
    let usd = 0;
    for (let k = 0; k < own.siteCount; k++) {
      const value = reference.manager.storedValue?.(reference, k);
      if (value !== undefined) usd += value.worthUsd(own.batteries[k]!.energyKwh) - value.worthUsd(reference.batteries[k]!.energyKwh);
    }
    return usd / own.fleet.utilityUnitUsd;
  }
}
