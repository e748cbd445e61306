import { describe, expect, it } from 'vitest';
import {
  Afterstates,
  afterstateNames,
  AfterstateScheduler,
  createAfterstateTraining,
  createValueLearner,
  valueNetwork,
} from '../../../agents/afterstate/index.js';
import { Candidates } from '../../../agents/afterstate/candidates.js';
import { valueProgram } from '../../../agents/afterstate/learner.js';
import type { AgentSettings } from '../../../agents/registry.js';
import { agentSchema } from '../../../agents/registry.js';
import { createReplayBuffer } from '../../../agents/replay.js';
import { createScheduler, greedyScheduler, runDay } from '../../../agents/schedulers/index.js';
import type { Training } from '../../../agents/agent.js';
import { genTd26Profile, syntheticWorld } from '../../../datasets/index.js';
import type { FleetConfig, Settlement } from '../../../envs/index.js';
import { parseFleet, FleetSimulator } from '../../../envs/index.js';
import { createInference, createParameters } from '../../../src/engine/index.js';
import type { ParameterBlock } from '../../../src/engine/index.js';
import { randomStream } from '../../../src/math/random.js';
import { expectAgreement } from '../../src/engine/support/agree.js';

const world = syntheticWorld({ seed: 1 });
const defaultFleet = (): FleetConfig => parseFleet({ clockScope: 'site', management: { strategy: 'threshold' } });
const simulator = (fleet: FleetConfig = defaultFleet()): FleetSimulator =>
  new FleetSimulator({ fleet, world, profile: genTd26Profile.weightByLocalHour });
const sites = 3;
const inputs = afterstateNames(['a', 'b', 'c']).length;
const settings = (afterstate: Partial<AgentSettings['afterstate']> = {}): AgentSettings =>
  agentSchema.parse({
    kind: 'afterstate',
    hidden: [16, 16],
    batchSize: 32,
    nStep: 4,
    updatesPerStep: 0.25,
    rewardScale: 0.2,
    afterstate,
    exploration: { warmUpSteps: 100 },
  });

describe('the candidates of a job', () => {
  it.each(['run', 'abandon', 'reject'] as const)('end and are credited as the simulator then says (late jobs: %s)', (onLate) => {
    const fleet = simulator({ ...defaultFleet(), onLate });
    const candidates = new Candidates(sites, fleet.service.levels);
    const random = randomStream(3);
    const jobs = fleet.generateJobs('2022-05-01', 4);
    fleet.beginDay('2022-05-01', jobs);
    let late = 0;
    for (let job = 0; job < jobs.length; job++) {
      fleet.arrive(job);
      candidates.fill(fleet, job);
      // Half of the jobs at the slowest, so that queues grow and deadlines are missed.
      const chosen = candidates.list[random.next() < 0.5 ? candidates.count - 1 : random.integer(candidates.count)]!;
      const { site, level, busyUntil } = chosen;
      const [free, second] = [fleet.earliestFree(site), fleet.queues.secondFree(site)];
      const outcome = fleet.dispatch(job, site, fleet.service.steps[level]!);
      expect(outcome.late).toBe(chosen.late);
      expect(outcome.credit).toBeCloseTo(chosen.credit, 9);
      expect(fleet.earliestFree(site)).toBe(Math.min(busyUntil, second));
      expect(busyUntil).toBeGreaterThanOrEqual(free);
      late += Number(chosen.late);
    }
    expect(late).toBeGreaterThan(0);
  });
});

describe('the state after a decision', () => {
  it('is what is seen once it is made', () => {
    const fleet = simulator();
    const states = new Afterstates(sites, 0.002, false);
    const candidates = new Candidates(sites, fleet.service.levels);
    const random = randomStream(5);
    const jobs = fleet.generateJobs('2022-05-01', 4);
    fleet.beginDay('2022-05-01', jobs);
    const [foretold, unchanged] = [new Float32Array(inputs), new Float32Array(inputs)];
    for (let job = 0; job < 600; job++) {
      fleet.arrive(job);
      candidates.fill(fleet, job);
      states.observe(fleet, job);
      const chosen = candidates.list[random.integer(candidates.count)]!;
      const potential = states.after(fleet, chosen, foretold);
      fleet.dispatch(job, chosen.site, fleet.service.steps[chosen.level]!);
      states.observe(fleet, job);
      const nothingMore = { ...chosen, busyUntil: fleet.earliestFree(chosen.site) };
      expect(states.after(fleet, nothingMore, unchanged)).toBeCloseTo(potential, 6);
      for (let i = 0; i < inputs; i++) expect(unchanged[i]).toBeCloseTo(foretold[i]!, 5);
    }
  });
});

/** A scheduler whose network says 0 throughout. */
function untrained(backlogPrice: number): AfterstateScheduler {
  const network = valueNetwork(inputs, settings());
  const block = createParameters(network.layout);
  const states = new Afterstates(sites, backlogPrice, false);
  return new AfterstateScheduler({ states, value: createInference(network, block), rewardScale: 0.2, creditCounts: true });
}

describe('a critic that has learned nothing', () => {
  it('is plain greedy without a price of backlog', () => {
    const fleet = simulator();
    expect(runDay(fleet, untrained(0), '2022-04-01', 5)).toEqual(runDay(fleet, createScheduler('greedy', fleet.fleet), '2022-04-01', 5));
  });

  it('is close to greedy + lambda with one', () => {
    const fleet = simulator();
    const [greedy, lambda] = [0, 0.002].map((price) => runDay(fleet, greedyScheduler(sites, price), '2022-04-01', 5).totals.utility);
    const found = runDay(fleet, untrained(0.002), '2022-04-01', 5).totals.utility;
    expect(lambda! - greedy!).toBeGreaterThan(200);
    expect(Math.abs(found - lambda!)).toBeLessThan(0.2 * (lambda! - greedy!));
  });
});

async function training(options: AgentSettings, settlement: Settlement, steps: number): Promise<{ training: Training; weights: ParameterBlock }> {
  const network = valueNetwork(inputs, options);
  const random = randomStream(6, 'agent');
  const learner = await createValueLearner(network, options, random);
  const states = new Afterstates(sites, 0.002, settlement === 'sparse');
  const value = createInference(network, learner.averaged);
  const scheduler = new AfterstateScheduler({ states, value, rewardScale: 0.2, creditCounts: options.afterstate.label !== 'none' });
  const replay = createReplayBuffer({ capacity: 5000, observationSize: inputs, actionSize: 0, batchSize: 32, discount: 1, nStep: options.nStep });
  const days = ['2022-03-01', '2022-06-15', '2022-09-10'];
  const parts = { fleet: simulator({ ...defaultFleet(), jobs: { ...defaultFleet().jobs, perDay: 400 } }), days, settlement, scheduler, learner, replay };
  return { training: createAfterstateTraining({ ...parts, options, random, steps }), weights: learner.averaged };
}

describe('training', () => {
  it('agrees, compiled and eager, on its update', () => {
    const network = valueNetwork(inputs, settings());
    const block = (): ParameterBlock => {
      const made = createParameters(network.layout);
      network.initialise(made, randomStream(7));
      return made;
    };
    return expectAgreement(valueProgram(network, { value: block(), averaged: block() }, 8), randomStream(8));
  });

  it.each([
    ['job', 'known'],
    ['sparse', 'known'],
    ['sparse', 'none'],
  ] as const)('paid by the %s with credits %s goes on from a checkpoint as if nothing had happened', async (settlement, label) => {
    const steps = 1500;
    const whole = await training(settings({ label }), settlement, steps);
    const before = whole.weights.flat.slice();
    const days = [];
    while (!whole.training.done) days.push(await whole.training.runDay());
    expect(whole.weights.flat).not.toEqual(before);
    expect(whole.training.step).toBe(steps);
    const first = await training(settings({ label }), settlement, steps);
    await first.training.runDay();
    const second = await training(settings({ label }), settlement, steps);
    second.training.restore(structuredClone(first.training.save()));
    const rest = [];
    while (!second.training.done) rest.push(await second.training.runDay());
    expect(rest).toEqual(days.slice(1));
    expect(second.weights.flat).toEqual(whole.weights.flat);
  });
});
