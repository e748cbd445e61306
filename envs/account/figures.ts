/** How a figure of a day becomes one of several days: the mean over days, or a ratio of sums over all of them. */
export type Averaging = 'mean' | { readonly per: 'jobs' };

interface Figure {
  readonly unit: string;
  readonly average: Averaging;
  readonly about: string;
}

const money = (about: string): Figure => ({ unit: 'utility units', average: 'mean', about });
const kwh = (about: string): Figure => ({ unit: 'kWh', average: 'mean', about });
const count = (about: string): Figure => ({ unit: '', average: 'mean', about });
const gpuSeconds = (about: string): Figure => ({ unit: 'GPU s', average: 'mean', about });

/**
 * The account of one day over the fleet: every figure once, with its unit and how it is averaged over days. Each is summed
 * on its own, so that utility = revenue - penalty - transferCost - energyCost is a check, and so is
 * energyCost = importCost - exportRevenue + wearCost + storedEnergyCost.
 */
export const dayFigures = {
  utility: money('What the day was worth'),
  revenue: money('Earned by jobs in time'),
  penalty: money('Paid for late jobs'),
  transferCost: money('Paid for jobs that ran away from their origin'),
  energyCost: money('Metered cost of energy, batteries included'),
  importCost: money('Paid for imported energy'),
  exportRevenue: money('Paid by the market for exported energy'),
  wearCost: money('Wear of batteries'),
  storedEnergyCost: money('Worth of the charge that the batteries began with less that of what they end with, at what it can earn the day after'),
  attributedEnergyCost: money('Energy cost as charged to the jobs at dispatch, at the margin'),
  jobs: count('Jobs dispatched'),
  late: count('Jobs that missed their deadline'),
  lateRate: { unit: '', average: { per: 'jobs' }, about: 'Share of jobs that are late' },
  transferred: count('Jobs that ran away from their origin'),
  images: count('Images of all jobs, one request of each bundle counted'),
  textJobs: count('Text jobs'),
  textLate: count('Text jobs that missed their deadline'),
  meanSteps: { unit: '', average: { per: 'jobs' }, about: 'Mean denoising steps over image jobs' },
  dispatchedGpuSeconds: gpuSeconds('What dispatched jobs take'),
  executedGpuSeconds: gpuSeconds("Executed, past the day's end included"),
  itKwh: kwh('Energy of IT'),
  coolingKwh: kwh('Energy of cooling'),
  gridImportKwh: kwh('Imported, and what it takes to charge the batteries again to where they began'),
  gridExportKwh: kwh('Exported'),
  renewableKwh: kwh('Available from PV and wind, the curtailed part included'),
  curtailedKwh: kwh('Available from PV and wind, but not used'),
  restoredKwh: kwh('What it takes to charge the batteries again to where they began; negative if they end fuller'),
  chargedKwh: kwh('Charged into batteries, at the terminals'),
  dischargedKwh: kwh('Discharged from batteries, at the terminals'),
  carbonKg: { unit: 'kg', average: 'mean', about: 'Direct emissions of the imported energy, what restores the batteries included' },
} as const satisfies Record<string, Figure>;

export type DayFigure = keyof typeof dayFigures;

/** The account of one day over the fleet; see `dayFigures` for what each figure is. Money is in utility units. */
export type DayTotals = Record<DayFigure, number>;

export const dayFigureNames = Object.keys(dayFigures) as readonly DayFigure[];

/** Parsed, since an object built key by key would be kept as a slow dictionary. */
const zeros = JSON.stringify(Object.fromEntries(dayFigureNames.map((name) => [name, 0])));

/** An account with every figure at zero. */
export const emptyTotals = (): DayTotals => JSON.parse(zeros) as DayTotals;

/** Fills in what follows from the sums at the end of a day; `stepsSum` is of all image jobs. */
export function closeTotals(totals: DayTotals, stepsSum: number): DayTotals {
  totals.lateRate = totals.jobs === 0 ? 0 : totals.late / totals.jobs;
  const imageJobs = totals.jobs - totals.textJobs;
  totals.meanSteps = imageJobs === 0 ? 0 : stepsSum / imageJobs;
  return totals;
}

/**
 * One figure over several days: its mean, or for a rate the mean weighted by what it is a rate of; NaN where there was
 * nothing of that.
 */
export function averageFigure(name: DayFigure, days: readonly DayTotals[]): number {
  const { average } = dayFigures[name];
  let sum = 0;
  let weights = 0;
  for (const day of days) {
    const weight = average === 'mean' ? 1 : day[average.per];
    sum += day[name] * weight;
    weights += weight;
  }
  return sum / weights;
}
