import type { Highs } from 'highs';
import type { World } from '../../datasets/index.js';
import type { FleetConfig, JobBatch } from '../../envs/index.js';
import { loadDay, serviceTable, transferDelays } from '../../envs/index.js';
import { addSiteEnergy } from './energy.js';
import type { JobOption } from './jobClasses.js';
import { envelope, jobClasses } from './jobClasses.js';
import { InputError } from '../../src/io/errors.js';
import { LinearProgram } from './linearProgram.js';
import type { Entry } from './linearProgram.js';

/** Work is placed in blocks of whole slots, as many as fit in this. */
const usualBlockSeconds = 900;
/** Seconds by which rounding could let a job be in time. */
const roundingSeconds = 1e-6;

export interface BoundProblem {
  readonly fleet: FleetConfig;
  readonly world: World;
  /** UTC date. */
  readonly day: string;
  readonly jobs: JobBatch;
  /** Whether policies may choose supply temperatures; otherwise they stay as set. Default: if energy management is learned. */
  readonly choosesSupply?: boolean;
  readonly blockSeconds?: number;
}

/**
 * A utility that no policy can exceed on a day, jobs and conditions known beforehand: the value of a linear program in
 * which everything a policy can do is allowed, and more.
 *
 * - A job is spread over ways to run it (site, denoising steps), its work over all GPUs of the site at once and over
 *   the time from its arrival to its deadline; it need not wait for a GPU nor stay on one.
 * - Jobs of one origin, size, and blocks of arrival and deadline are taken together, each as the most favourable of
 *   them: from the start of the block of arrival to the end of that of the deadline. Within a block, work may be moved
 *   between slots.
 * - A job can be in time with so many steps if it can at full clock on an idle GPU, at any clock chosen later.
 * - With `executionNoise`, how long each job takes is known; those that take about as long are taken together, each as
 *   short as the shortest.
 * - A job that is late costs its penalty, but neither work nor transfer.
 * - Clocks are chosen anew at any moment, see `energyLines`; supply temperatures by the best case of each slot, see
 *   `loadFactors`. Where the price is negative GPUs draw as much as they can, work or none.
 * - Batteries may charge and discharge within one slot, sharing their power; at a price of zero, discharge may be
 *   curtailed.
 * - Work after midnight is done at its least energy, or at a negative price the most that all jobs could ask for is
 *   drawn. With queues carried over, it is free, the battery starts as it likes, and no work is left from yesterday.
 *
 * Throws InputError for a day that the world does not cover, and for a fleet that is not bounded, see `isBounded`.
 */
export function clairvoyantBound(problem: BoundProblem, highs: Highs): number {
  if (!isBounded(problem.fleet)) throw new InputError('The bound knows sites by the constants of model and gpus only; expected no named device and no text jobs.');
  const { fleet, world, day, jobs, blockSeconds = usualBlockSeconds } = problem;
  const { choosesSupply = fleet.management.strategy === 'learned' } = problem;
  const conditions = loadDay(fleet, world, day);
  const service = serviceTable(fleet);
  const delaySeconds = transferDelays(fleet);
  const { slots } = conditions;
  const slotsPerBlock = Math.max(1, Math.floor(blockSeconds / fleet.slotSeconds));
  const secondsPerBlock = slotsPerBlock * fleet.slotSeconds;
  const after = Math.ceil(slots / slotsPerBlock);
  const images = jobs.images.reduce((a, b) => a + b, 0);

  // Images, each as long as its job takes relative to what is expected.
  const longestImages = jobs.images.reduce((sum, count, job) => sum + count * jobs.serviceFactor[job]!, 0);

  const program = new LinearProgram();
  program.constant = -images * fleet.latePenaltyPerImage;
  const mostWorkHours = fleet.sites.map((_, site) => (longestImages * service.gpuSeconds[(site + 1) * service.levels - 1]!) / 3600);
  const workRows = conditions.sites.map((here, site) =>
    addSiteEnergy(program, { fleet, site, conditions: here, slots, slotsPerBlock, choosesSupply, mostWorkHours: mostWorkHours[site]! }),
  );
  const windows = new Map<string, number>();
  /** The row to which work of a window of blocks is asked; in a window of several blocks it may flow to each. */
  const windowRow = (site: number, from: number, to: number): number => {
    const rows = workRows[site]!;
    if (from === to) return rows[from]!;
    const key = `${site} ${from} ${to}`;
    const known = windows.get(key);
    if (known !== undefined) return known;
    const row = program.row(0, 0);
    windows.set(key, row);
    const capacity = (fleet.sites[site]!.gpus.count * secondsPerBlock) / 3600;
    for (let block = from; block <= to; block++) {
      const entries: Entry[] = [[row, 1], [rows[block]!, -1]];
      program.variable(0, block === after ? mostWorkHours[site]! : capacity, entries);
    }
    return row;
  };

  for (const jobClass of jobClasses(jobs, secondsPerBlock, after)) {
    const { origin, count, dueBlock, arrivalSeconds, slackSeconds } = jobClass;
    const share = program.row(-Infinity, count);
    for (let site = 0; site < fleet.sites.length; site++) {
      if (!fleet.transfer.allowed && site !== origin) continue;
      const delay = delaySeconds[origin * fleet.sites.length + site]!;
      const transfer = site === origin ? 0 : fleet.transfer.costPerImage;
      const options: JobOption[] = [];
      for (let level = 0; level < service.levels; level++) {
        const entry = site * service.levels + level;
        const seconds = jobClass.images * service.gpuSeconds[entry]! * jobClass.serviceFactor;
        if (delay + seconds > slackSeconds + roundingSeconds) break;
        const value = jobClass.images * (service.utility[entry]! + fleet.latePenaltyPerImage - transfer);
        options.push({ workHours: seconds / 3600, value });
      }
      const best = envelope(options);
      if (best.length === 0) continue;
      const from = Math.min(dueBlock, Math.floor((arrivalSeconds + delay) / secondsPerBlock));
      const row = windowRow(site, from, dueBlock);
      for (const { workHours, value } of best) program.variable(value, count, [[share, 1], [row, -workHours]]);
    }
  }
  return program.upperBound(highs);
}

/** Whether the program knows the fleet: its energy lines are those of constants, not of profiles, and its jobs make images. */
export const isBounded = ({ sites, jobs }: FleetConfig): boolean => jobs.text.perDay === 0 && sites.every(({ device }) => device === null);
