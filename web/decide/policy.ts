import { existsSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Decision, StatedDecision } from '../../envs/index.js';
import { completionSeconds, featuresOf, FleetObserver, JobObserver, logitDecision, PriceRule, StatedView } from '../../envs/index.js';
import type { PolicyFile, Served } from '../../experiments/index.js';
import { openPolicyFile, openRun, readPolicyFile, readServed } from '../../experiments/index.js';
import { InputError } from '../../src/io/errors.js';
import type { DecisionRequest, Needs } from './request.js';
import { readRequest, requestSchema } from './request.js';

/** Where a job goes and how it is run, and what will become of it. */
export interface JobDecision {
  /** Name of the site. */
  readonly site: string;
  readonly denoisingSteps: number;
  /** Clock of its GPU, a share of the highest. */
  readonly clockShare: number;
  /** As the simulator accounts for it, were nothing else to happen. Money in utility units. */
  readonly predicted: {
    /** From its arrival until it starts, and until it is complete (null if it never is), s. */
    readonly startSeconds: number;
    readonly completionSeconds: number | null;
    readonly late: boolean;
    readonly revenue: number;
    readonly penalty: number;
    readonly transferCost: number;
    readonly energyCost: number;
    /** revenue - penalty - transferCost - energyCost. */
    readonly credit: number;
    /** Of its GPU, above idle, cooling included. */
    readonly energyKwh: number;
  };
  /** Of policies that act in prices: what a GPU-second costs at each site, utility units, on top of its energy. */
  readonly shadowPrices?: Readonly<Record<string, number>>;
}

/** A trained policy, ready to decide job by job. */
export interface DecisionPolicy {
  readonly sites: readonly string[];
  /** Environment and dispatch that it was trained for, such as `job-dispatch, logits`. */
  readonly kind: string;
  /** JSON Schema (2020-12) of what `decide` takes. */
  readonly schema: Readonly<Record<string, unknown>>;
  /**
   * Decides for one job and fleet state. Rejects with an error that has `statusCode` and `field`: 400 for a malformed
   * request, 422 for a site that the policy was not trained for.
   */
  decide(request: DecisionRequest): Promise<JobDecision>;
  dispose(): Promise<void>;
}

/**
 * Loads a trained policy from a run folder or a `policy.onnx`. Throws InputError if there is none, if it does not fit what
 * it says of itself, or if it decides in a way that job by job cannot be (shares of a slot's jobs; batteries and clocks).
 */
export async function loadPolicy(path: string): Promise<DecisionPolicy> {
  const { policy, served } = open(path);
  const { file } = policy;
  const { environment, fleet: config } = served;
  const { kind, dispatch } = environment;
  const controls = environment.controls.length > 0 || (kind === 'fleet-control' && config.management.strategy === 'learned');
  if (dispatch === 'shares') throw new InputError(`${file} shares out the jobs of a whole slot; expected a policy that decides by logits or prices.`);
  if (controls) throw new InputError(`${file} also sets batteries, clocks or cooling, which is no decision about a job.`);

  const needs: Needs = kind === 'fleet-control' ? 'slot' : 'job';
  const schema = requestSchema(needs);
  const fleet = new StatedView(config);
  if (environment.features.includes('priceOutlook')) throw new InputError(`${file} observes prices of the next 24 hours, which a request does not tell.`);
  const extra = featuresOf(environment.features);
  const observer = needs === 'slot' ? new FleetObserver(fleet, extra) : new JobObserver(fleet, extra);
  const sites = config.sites.map((site) => site.name);
  const actions = dispatch === 'logits' ? [...sites.map((name) => `${name}.logit`), 'steps'] : sites.map((name) => `${name}.price`);
  const model = await openPolicyFile(policy, { observations: observer.names, actions });
  const act = async (observation: Float32Array): Promise<Float32Array> => {
    const action = await model.run(observation);
    if (action.length !== actions.length || !action.every(Number.isFinite)) throw new Error(`${file} gave no action of ${actions.length} finite numbers.`);
    return action;
  };

  const rule = new PriceRule(sites.length, served.rule);
  const decision: Decision = { site: 0, steps: 0 };
  const decideAt = (state: StatedDecision, action: Float32Array): JobDecision => {
    fleet.state(state);
    if (dispatch === 'logits') logitDecision(action, 0, fleet, decision);
    else {
      const prices = action.map((value) => Math.min(1, Math.max(-1, value)));
      rule.update(fleet, state.secondOfDay, prices, environment.priceRange);
      rule.decide(fleet, 0, decision);
    }
    const outcome = fleet.foresee(decision);
    const { site, startSeconds, endSeconds } = outcome;
    const end = completionSeconds(outcome, config.onLate);
    const kw = outcome.kw * fleet.itFactor[site]! * (1 + fleet.coolingRatio[site]!);
    return {
      site: sites[site]!,
      denoisingSteps: decision.steps,
      clockShare: fleet.clockShare[site]!,
      predicted: {
        startSeconds: startSeconds - state.secondOfDay,
        completionSeconds: Number.isFinite(end) ? end - state.secondOfDay : null,
        late: outcome.late,
        revenue: outcome.revenue,
        penalty: outcome.penalty,
        transferCost: outcome.transferCost,
        energyCost: outcome.energyCost,
        credit: outcome.credit,
        energyKwh: (kw * (endSeconds - startSeconds)) / 3600,
      },
      ...(dispatch === 'logits' ? {} : { shadowPrices: Object.fromEntries(sites.map((name, k) => [name, rule.lambda[k]!])) }),
    };
  };

  return {
    sites,
    kind: `${kind}, ${dispatch}`,
    schema: z.toJSONSchema(schema),
    decide: async (request) => {
      const state = readRequest(request, schema, config);
      fleet.state(state);
      const action = await act(observer.observe().slice());
      // The fleet may have been told of another job while the model ran.
      return decideAt(state, action);
    },
    dispose: () => model.dispose(),
  };
}

/** The policy file of a run folder, or at a path, and what it says that it was trained for. */
function open(path: string): { policy: PolicyFile; served: Served } {
  const file = existsSync(path) && statSync(path).isDirectory() ? openRun(path).folder.policyOnnx : path;
  if (file !== path && !existsSync(file)) throw new InputError(`${path} has not finished training: it has no policy yet.`);
  const policy = readPolicyFile(file);
  const { served } = policy.metadata;
  if (served === undefined) throw new InputError(`${file} does not say what it was trained for; expected a model exported by this version of jouleflow.`);
  return { policy, served: readServed(served, file) };
}
