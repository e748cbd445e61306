import type { Highs } from 'highs';
import type { FleetSimulator } from '../../envs/index.js';
import { envelope } from '../bound/jobClasses.js';
import type { JobOption } from '../bound/jobClasses.js';
import { LinearProgram } from '../bound/linearProgram.js';
import type { DemandClass, Forecast } from './forecast.js';

/**
 * What a fuller site costs beside its energy, utility units per GPU-second: shares of its GPU time, and the price of each.
 * A plan of averages does not see jobs that come in bunches and queue; the convex cost also keeps its prices from jumping.
 */
const congestion: readonly (readonly [share: number, perGpuSecond: number])[] = [
  [0.5, 0],
  [0.2, 0.0005],
  [0.15, 0.0015],
  [0.15, 0.003],
];

/**
 * What GPU time will be worth: utility units per GPU-second beyond its energy, by site (row) and block from now (column).
 *
 * The dual values of the capacities in a linear program of the coming blocks: expected jobs by class are shared out over
 * sites and denoising steps (late otherwise), each between its block of arrival and that of its deadline; a site's GPUs
 * first finish what they have begun, and buy energy at the forecast price, or for what the renewables leave over, at the
 * price at which it would have been sold. Energy and congestion are costs of the plan, not part of the prices.
 */
export function planPrices(
  fleet: FleetSimulator,
  classes: readonly DemandClass[],
  forecast: Forecast,
  { blocks, blockSeconds }: { blocks: number; blockSeconds: number },
  highs: Highs,
): Float64Array {
  const { siteCount, service, delaySeconds } = fleet;
  const { latePenaltyPerImage, transfer, utilityUnitUsd, sites } = fleet.fleet;
  const blockHours = blockSeconds / 3600;
  const program = new LinearProgram();
  /** Rows of each site and block: GPU-hours used - bought = 0, bought - congested = 0, and congested up to the capacity. */
  const uses: number[] = [];
  const capacities: number[] = [];
  for (let k = 0; k < siteCount; k++) {
    const { gpus, exportShare } = sites[k]!;
    const perKw = fleet.itFactor[k]! * (1 + fleet.coolingRatio[k]!);
    const dynamicKw = gpus.powerKw * (1 - gpus.idleShare) * perKw;
    const idleKw = gpus.count * gpus.powerKw * gpus.idleShare * perKw;
    let begun = (fleet.backlogSeconds(k, fleet.slot * fleet.slotSeconds) * gpus.count) / 3600;
    for (let block = 0; block < blocks; block++) {
      const whole = gpus.count * blockHours;
      const occupied = Math.min(begun, whole);
      begun -= occupied;
      const free = whole - occupied;
      // Above every limit, so that the capacity's row binds and has the price, and no variable's own limit.
      const open = 2 * whole;
      const use = program.row(0, 0);
      const bought = program.row(0, 0);
      const capacity = program.row(-Infinity, free);
      uses.push(use);
      capacities.push(capacity);
      const price = forecast.priceUsdPerKwh[k]![block]!;
      const cost = (dynamicKw * price) / utilityUnitUsd;
      const surplus = price > 0 && exportShare < 1 ? (Math.max(0, forecast.renewableKw[k]![block]! - idleKw) / dynamicKw) * blockHours : 0;
      program.variable(-cost, open, [[use, -1], [bought, 1]]);
      if (surplus > 0) program.variable(-cost * exportShare, Math.min(free, surplus), [[use, -1], [bought, 1]]);
      congestion.forEach(([part, perGpuSecond], step) => {
        const limit = step === congestion.length - 1 ? open : part * free;
        program.variable(-perGpuSecond * 3600, limit, [[bought, -1], [capacity, 1]]);
      });
    }
  }

  const windows = new Map<string, number>();
  /** The row to which work of a window of blocks is asked; it may flow to each of them. */
  const windowRow = (site: number, from: number, to: number): number => {
    const key = `${site} ${from} ${to}`;
    let row = windows.get(key);
    if (row === undefined) {
      windows.set(key, (row = program.row(0, 0)));
      for (let block = from; block <= to; block++) {
        program.variable(0, 2 * sites[site]!.gpus.count * blockHours, [[row, 1], [uses[site * blocks + block]!, 1]]);
      }
    }
    return row;
  };
  const waysOf = classes.map((demand) => ways(fleet, demand));
  for (let block = 0; block < blocks; block++) {
    classes.forEach(({ origin, slackSeconds }, c) => {
      const count = forecast.jobs[block * classes.length + c]!;
      if (count === 0) return;
      const due = Math.min(blocks - 1, Math.floor(block + 0.5 + slackSeconds / blockSeconds));
      const share = program.row(-Infinity, count);
      for (let k = 0; k < siteCount; k++) {
        if (!transfer.allowed && k !== origin) continue;
        const row = windowRow(k, Math.min(due, Math.floor(block + 0.5 + delaySeconds[origin * siteCount + k]! / blockSeconds)), due);
        for (const { workHours, value } of waysOf[c]![k]!) program.variable(value, count, [[share, 1], [row, -workHours]]);
      }
    });
  }
  const prices = program.rowPrices(highs);
  return Float64Array.from(capacities, (row) => Math.max(0, prices[row]!) / 3600);

  /** Per site, ways to run a job of a class in time that a plan may want: work, and worth above being late. */
  function ways({ service: { levels, gpuSeconds, utility } }: FleetSimulator, { origin, images, slackSeconds }: DemandClass): JobOption[][] {
    return sites.map((_, k) => {
      const options: JobOption[] = [];
      for (let level = 0; level < levels; level++) {
        const seconds = images * gpuSeconds[k * service.levels + level]!;
        if (delaySeconds[origin * siteCount + k]! + seconds > slackSeconds) break;
        const worth = utility[k * service.levels + level]! + latePenaltyPerImage - (k === origin ? 0 : transfer.costPerImage);
        options.push({ workHours: seconds / 3600, value: images * worth });
      }
      return envelope(options);
    });
  }
}
