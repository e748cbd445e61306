import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Scheduler, SearchSpace } from '../index.js';
import {
  agentKinds,
  agentOf,
  checkEnv,
  clairvoyantBound,
  createScheduler,
  createShaper,
  createTuner,
  deviceNamed,
  estimate,
  evaluate,
  FleetSimulator,
  generateJobs,
  JobDispatchEnv,
  knobFeatures,
  loadDevice,
  loadHighs,
  parseFleet,
  randomStream,
  runDay,
  schedulerNames,
  shapingSchema,
  syntheticWorld,
  train,
  tunerMethods,
  workloadOf,
} from '../index.js';
import { temporaryFolder } from './support/cli.js';

const day = '2023-03-01';
const small = {
  preset: 'price',
  steps: 120,
  set: [
    ...['fleet.slotSeconds=900', 'fleet.jobs.perDay=100', 'agent.hidden=[8]', 'agent.batchSize=8', 'agent.exploration.warmUpSteps=20'],
    ...['shaping.hidden=[8]', 'shaping.warmUpSteps=20', 'days.train=2022-03-01..2022-03-03', 'days.validation=2022-02-01', `days.test=${day}`],
    'evaluation.schedulers=[greedy]',
  ],
};

describe('the library gives every link of the chain', () => {
  it('a tuner that asks and is told', async () => {
    const knobs = [{ name: 'tile', values: [1, 2, 4, 8] }];
    const space: SearchSpace = { name: 'tiles', objective: { name: 'time', unit: 'ms', direction: 'minimise' }, knobs, size: 4, isValid: () => true, sample: (random) => random.integer(4) };
    const tuner = createTuner(tunerMethods.find((method) => method === 'random')!, { space, features: knobFeatures(knobs), seed: 1, trials: 4 });
    const asked = await tuner.ask(4);
    expect([...asked].sort()).toEqual([0, 1, 2, 3]);
  });

  it('time, power and energy of a workload on a device', () => {
    const found = estimate({ device: loadDevice(deviceNamed('H100').name), workload: workloadOf('sdxl', { steps: 20 }) });
    expect(found.energyJ).toBeCloseTo((found.powerW * found.timeMs) / 1000, 6);
  });

  it('a fleet, its environments, a scheduler of one\'s own and the bound', async () => {
    const world = syntheticWorld({ seed: 0 });
    const fleet = parseFleet({ slotSeconds: 900, jobs: { perDay: 100 } });
    const profile = new Float64Array(24).fill(1);
    const mine: Scheduler = { name: 'first site', reset: () => undefined, decide: () => ({ site: 0, steps: fleet.stepsChoices[0]! }) };
    const simulator = new FleetSimulator({ fleet, world, profile });
    const totals = [mine, createScheduler(schedulerNames.find((name) => name === 'greedy')!, fleet)].map((scheduler) => runDay(simulator, scheduler, day, 1).totals);
    expect(totals[1]!.utility).toBeGreaterThan(totals[0]!.utility);
    const bound = clairvoyantBound({ fleet, world, day, jobs: generateJobs(fleet, world, profile, day, 1) }, await loadHighs());
    expect(bound).toBeGreaterThanOrEqual(totals[1]!.utility);
    checkEnv(new JobDispatchEnv({ fleet, world, profile, days: [day], encoding: 'logits', settlement: 'job' }));
  });

  it('agents and shapers', async () => {
    for (const kind of agentKinds) expect(typeof agentOf(kind).trainee).toBe('function');
    const options = shapingSchema.parse({ kind: 'regression', hidden: [4] });
    const shaper = (await createShaper(options, { observationSize: 2, conditionSize: 3, batchSize: 4 }, randomStream(1, 'shaper')))!;
    expect(await shaper.propose(new Float32Array(3))).toBe(0);
  });

  it('training and judging', async () => {
    const path = join(temporaryFolder(), 'run');
    const summary = await train(small, path);
    expect(summary.steps).toBe(120);
    const again = await evaluate({ run: path });
    expect(again).toEqual(summary.test.best);
    const rule = await evaluate({ scheduler: 'greedy', experiment: small }, { bound: true });
    expect(rule.utility).toEqual(summary.schedulers['greedy']!.test.utility);
    expect(rule.shareOfBound).toBeLessThan(1);
  });
});
