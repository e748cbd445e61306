import type { Highs } from 'highs';
import { describe, expect, it } from 'vitest';
import { clairvoyantBound } from '../../../agents/bound/index.js';
import type { DayRecord, EnergyManager, FleetConfig, JobBatch } from '../../../envs/index.js';
import { FleetSimulator, loadHighs, parseFleet, replayJobs } from '../../../envs/index.js';
import { randomStream } from '../../../src/math/random.js';
import { testProfile, testWorld } from '../../support/testWorld.js';

const highs = await loadHighs();
const world = testWorld();
const day = '2023-03-01';
const clocks = [0.5, 0.75, 1];

/** What a job may be given: a site, a number of denoising steps, a clock. */
interface Way {
  readonly site: number;
  readonly steps: number;
  readonly clock: number;
}

/** All jobs' ways at once, simulated without batteries: what it is worth but for energy, and its loads. */
interface Plan {
  readonly ways: readonly Way[];
  readonly worth: number;
  /** kWh by site and slot, cooling included. */
  readonly loadKwh: number[][];
}

describe('the clairvoyant bound on tiny instances', () => {
  it.each([
    ['apart', 70_000, 2],
    ['apart', 70_000, 3],
    ['at once', 600, 4],
  ])('lies above the exact optimum of a mixed-integer program, and within 5 % of it (jobs %s)', (_, span, seed) => {
    const { fleet, jobs } = tiny(span, seed);
    const { value, plan, batteryKw } = exactOptimum(fleet, jobs, highs);
    // The optimum is no artefact of the program: played in the simulator it earns what the program says.
    expect(play(fleet, jobs, plan.ways, batteryKw).utility).toBeCloseTo(value, 5);
    const bound = clairvoyantBound({ fleet, world, day, jobs }, highs);
    expect(bound).toBeGreaterThanOrEqual(value - 1e-6);
    expect(bound).toBeLessThanOrEqual(value + 0.05 * Math.abs(value));
  });
});

/** Three jobs, two sites with one GPU, a battery and renewables each; slots of an hour. */
function tiny(span: number, seed: number): { fleet: FleetConfig; jobs: JobBatch } {
  const random = randomStream(seed, 'exact');
  const fleet = parseFleet({ slotSeconds: 3600, stepsChoices: [10, 20], sites: [
    { name: 'a', region: 'US-CAL-CISO', gpus: { count: 1 }, battery: { capacityKwh: 1.5, powerKw: 0.35 }, pv: { peakKw: 0.4 }, wind: { ratedKw: 0.15 } },
    { name: 'b', region: 'US-TEX-ERCO', gpus: { count: 1 }, battery: { capacityKwh: 1.5, powerKw: 0.35 }, model: { quality: { ceiling: 1 } } },
  ] });
  const arrivalSeconds = Float64Array.from({ length: 3 }, () => 1000 + span * random.next()).sort();
  const origins = arrivalSeconds.map(() => random.integer(2));
  return { fleet, jobs: replayJobs(fleet, { arrivalSeconds, origins }, seed) };
}

/** Plays a plan: jobs as it says, clocks set for the slot of each job, batteries by power per site and slot. */
function play(fleet: FleetConfig, jobs: JobBatch, ways: readonly Way[], batteryKw?: readonly (readonly number[])[]): { utility: number; worth: number; record: DayRecord } {
  const manager: EnergyManager = {
    name: 'plan',
    beginDay: () => undefined,
    beginSlot: () => undefined,
    batteryKw: ({ slot }, site) => (batteryKw === undefined ? 0 : batteryKw[site]![slot]!),
  };
  const simulator = new FleetSimulator({ fleet, world, profile: testProfile, manager });
  simulator.beginDay(day, jobs, { record: true });
  ways.forEach(({ site, steps, clock }, job) => {
    simulator.arrive(job);
    simulator.setClock(site, clock);
    simulator.dispatch(job, site, steps);
  });
  const { utility, revenue, penalty, transferCost } = simulator.endDay();
  return { utility, worth: revenue - penalty - transferCost, record: simulator.record! };
}

function plans(fleet: FleetConfig, jobs: JobBatch): Plan[] {
  const ways = fleet.sites.flatMap((_, site) => fleet.stepsChoices.flatMap((steps) => clocks.map((clock) => ({ site, steps, clock }))));
  return Array.from({ length: ways.length ** jobs.length }, (_, code) => {
    const chosen = Array.from({ length: jobs.length }, (_, job) => ways[Math.floor(code / ways.length ** job) % ways.length]!);
    const { worth, record } = play(fleet, jobs, chosen);
    return { ways: chosen, worth, loadKwh: record.sites.map((site) => site.itKw.map((it, slot) => it + site.coolingKw[slot]!)) };
  });
}

/**
 * The best plan together with the best use of batteries, the grid and renewables: one binary for each plan, and one for
 * each site and slot that says whether its battery may charge or discharge. Slots are hours, so that kW are kWh.
 */
function exactOptimum(fleet: FleetConfig, jobs: JobBatch, solver: Highs): { value: number; plan: Plan; batteryKw: number[][] } {
  const all = plans(fleet, jobs);
  const { conditions } = (() => {
    const simulator = new FleetSimulator({ fleet, world, profile: testProfile });
    simulator.beginDay(day, jobs);
    return simulator;
  })();
  const unit = fleet.utilityUnitUsd;
  const slots = 24;
  const term = (coefficient: number, name: string): string => (coefficient === 0 ? '' : `${coefficient < 0 ? '-' : '+'} ${Math.abs(coefficient).toExponential(15)} ${name}\n`);
  let objective = all.map((plan, p) => term(plan.worth, `z${p}`)).join('');
  let constant = 0;
  let rows = `one: ${all.map((_, p) => `+ z${p}\n`).join('')} = 1\n`;
  let bounds = '';
  const binaries = all.map((_, p) => `z${p}`);
  fleet.sites.forEach(({ battery, exportShare }, k) => {
    const here = conditions.sites[k]!;
    const startKwh = battery.initialSoc * battery.capacityKwh;
    const left = here.valueAfterDay();
    for (let t = 0; t < slots; t++) {
      const at = `${k}_${t}`;
      const price = here.priceUsdPerKwh[t]!;
      const sells = price > 0 && exportShare > 0;
      const usable = price < 0 ? 0 : here.renewableKw[t]!;
      const least = Math.min(...all.map((plan) => plan.loadKwh[k]![t]!));
      const load = (sign: 1 | -1): string => all.map((plan, p) => term(sign * (plan.loadKwh[k]![t]! - least), `z${p}`)).join('');
      objective += term(-price / unit, `buy${at}`) + term(sells ? (price * exportShare) / unit : 0, `sell${at}`) + term(-battery.wearUsdPerKwh / unit, `out${at}`);
      // buy - sell - curtail = load + in - out - usable renewables
      rows += `balance${at}: buy${at} - sell${at} - waste${at} - in${at} + out${at}\n${load(-1)} = ${least - usable}\n`;
      rows += `store${at}: soc${at} ${term(-battery.etaCharge, `in${at}`)} ${term(1 / battery.etaDischarge, `out${at}`)} ${t === 0 ? `= ${startKwh}` : `- soc${k}_${t - 1} = 0`}\n`;
      rows += `may${at}: in${at} - ${battery.powerKw} mode${at} <= 0\nmust${at}: out${at} + ${battery.powerKw} mode${at} <= ${battery.powerKw}\n`;
      bounds += `${battery.socMin * battery.capacityKwh} <= soc${at} <= ${battery.socMax * battery.capacityKwh}\n`;
      bounds += `sell${at} <= ${sells ? 10 : 0}\nwaste${at} <= ${sells ? 0 : usable}\nbuy${at} <= 10\n`;
      binaries.push(`mode${at}`);
    }
    // What is left is worth its pieces, which a maximum fills from the dearest on.
    rows += `left${k}: soc${k}_${slots - 1} ${[...left.slopes].map((_, i) => `- left${k}_${i}`).join(' ')} = ${battery.socMin * battery.capacityKwh}\n`;
    left.slopes.forEach((slope, i) => {
      objective += term(slope / unit, `left${k}_${i}`);
      bounds += `left${k}_${i} <= ${left.widths[i]!}\n`;
    });
    constant -= left.worthUsd(startKwh) / unit;
  });
  const { Status, ObjectiveValue, Columns } = solver.solve(`Maximize\nobj: ${objective}\nSubject To\n${rows}\nBounds\n${bounds}\nBinary\n${binaries.join('\n')}\nEnd\n`, { mip_rel_gap: 1e-9 });
  expect(Status).toBe('Optimal');
  const value = (name: string): number => (Columns[name] as { Primal: number }).Primal;
  const plan = all[all.findIndex((_, p) => value(`z${p}`) > 0.5)]!;
  const batteryKw = fleet.sites.map((_, k) => Array.from({ length: slots }, (_, t) => value(`in${k}_${t}`) - value(`out${k}_${t}`)));
  return { value: ObjectiveValue + constant, plan, batteryKw };
}
